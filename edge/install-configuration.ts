import type { Account } from '../core/account.ts';
import type { Digest } from '../core/digest.ts';
import { MAX_DOCUMENT_BYTES } from '../core/document/limits.ts';
import type { VirtualResource } from '../core/document/schema.ts';
import { hasCode } from '../core/errors.ts';
import type { ResourceId } from '../core/ids.ts';
import type { VerifiedState } from '../core/state/verified-state.ts';
import { verifyConfiguration, type ConfigurationQuestion, type VerifiedConfiguration } from '../core/verify.ts';
import type { ContentName } from './dew-client.ts';
import { obtainContent, readContent, type ContentSources } from './obtain-content.ts';

/** A verified configuration with all files that it names. */
export interface Installed {
  readonly configuration: VerifiedConfiguration;
  readonly artifacts: ReadonlyMap<Digest, Uint8Array>;
}

/** Which resource to install, by which state's word. */
export interface InstallQuestion {
  readonly resource: ResourceId;
  readonly account: Account;
  readonly state: VerifiedState;
  readonly lastSeen: ConfigurationQuestion['lastSeen'];
  readonly runtimes: readonly string[];
}

interface Deps {
  readonly sources: ContentSources;
  readonly signal: AbortSignal;
}

/**
 * Obtains the bytes that a record names and verifies them: record first, then bytes by digest, so that a bad server
 * can withhold a document but never substitute one. Where the disk has everything, no server is asked.
 * @throws what verifyConfiguration and obtainContent do
 */
export async function installConfiguration(question: InstallQuestion, deps: Deps): Promise<Installed> {
  const record = question.state.record(question.resource);
  const bytes = record === undefined ? new Uint8Array() : await obtainContent(documentOf(record.digest), deps);
  const configuration = await verifyWithProfile({ ...question, bytes }, deps);
  return { configuration, artifacts: await obtainArtifacts(configuration.document, deps) };
}

/** The name of a document's bytes. */
export function documentOf(digest: Digest): ContentName {
  return { kind: 'documents', digest, maxBytes: MAX_DOCUMENT_BYTES };
}

/** The files that a document names. */
export function artifactsOf({ spec }: VirtualResource): readonly ContentName[] {
  if (!('artifact' in spec.runtime)) return [];
  const { digest, size } = spec.runtime.artifact;
  return [{ kind: 'artifacts', digest, maxBytes: size }];
}

/** A server is asked for the profile only where the resource can't do without: else it starts with no dew around. */
async function verifyWithProfile(
  question: Omit<ConfigurationQuestion, 'profileBytes'>,
  deps: Deps,
): Promise<VerifiedConfiguration> {
  const digest = question.state.device(question.account)?.profile;
  if (digest === undefined) return verifyConfiguration({ ...question, profileBytes: undefined });
  const stored = await readContent(documentOf(digest), deps.sources);
  try {
    return verifyConfiguration({ ...question, profileBytes: stored });
  } catch (error) {
    if (stored !== undefined || !hasCode(error, 'UNBOUND', 'WRONG_DEVICE')) throw error;
    return verifyConfiguration({ ...question, profileBytes: await obtainContent(documentOf(digest), deps) });
  }
}

async function obtainArtifacts(document: VirtualResource, deps: Deps): Promise<ReadonlyMap<Digest, Uint8Array>> {
  const artifacts = new Map<Digest, Uint8Array>();
  for (const name of artifactsOf(document)) artifacts.set(name.digest, await obtainContent(name, deps));
  return artifacts;
}
