import type { VirtualResource } from '../../../core/document/schema.ts';
import { DewproofError } from '../../../core/errors.ts';
import type { BehaviourStart } from '../behaviour.ts';
import type { GuestConfig } from './protocol.ts';
import { MAX_MEMORY_MIB, MAX_SOURCE_BYTES, type ScriptLimits } from './script-limits.ts';

const HANDLER_MS = 30_000;
const VIEW_MS = 5_000;

/** A script with what its document allows it. */
export interface Script {
  readonly source: string;
  readonly limits: ScriptLimits;
  readonly config: GuestConfig;
}

/** Takes a script out of what was verified. @throws ENDLESS_DATA, SCRIPT_ERROR (not UTF-8), UNSUPPORTED (too much memory) */
export function readScript({ configuration, artifacts }: Pick<BehaviourStart, 'configuration' | 'artifacts'>): Script {
  const resource = configuration.resolved;
  const { runtime } = resource.spec;
  const bytes = runtime.kind === 'script' ? artifacts.get(runtime.artifact.digest) : undefined;
  if (bytes === undefined)
    throw new DewproofError('INTERNAL', 'The script of this resource is not there; report this.');
  return { source: decodeScript(bytes), limits: limitsOf(resource), config: configOf(resource) };
}

/** The text of a script. @throws ENDLESS_DATA, SCRIPT_ERROR (not UTF-8) */
export function decodeScript(bytes: Uint8Array): string {
  if (bytes.length > MAX_SOURCE_BYTES) {
    throw new DewproofError('ENDLESS_DATA', `A script has at most ${MAX_SOURCE_BYTES} bytes; leave something out.`);
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    // The interpreter takes texts that end at their first NUL: what is run must be all that was approved.
    if (!text.includes('\0')) return text;
  } catch (cause) {
    throw new DewproofError('SCRIPT_ERROR', 'The script is not UTF-8; save it as such.', { cause });
  }
  throw new DewproofError('SCRIPT_ERROR', 'The script holds a NUL character; remove it.');
}

/** What a script's document allows it. @throws UNSUPPORTED */
export function limitsOf({ spec }: Pick<VirtualResource, 'spec'>): ScriptLimits {
  const { runtime } = spec;
  if (runtime.kind !== 'script') throw new TypeError('no script');
  const { memoryMiB, cpuMs, cpuPercent } = runtime.limits;
  if (memoryMiB > MAX_MEMORY_MIB) {
    throw new DewproofError('UNSUPPORTED', `A script has at most ${MAX_MEMORY_MIB} MiB; lower its limits.memoryMiB.`);
  }
  return { memoryMiB, cpuMs, cpuMsPerMinute: cpuPercent * 600, handlerMs: HANDLER_MS, viewMs: VIEW_MS };
}

/** What a script may know of itself. */
export function configOf({ metadata, spec }: VirtualResource): GuestConfig {
  return {
    resource: { tenant: metadata.tenant, name: metadata.name, version: spec.version },
    inputs: spec.inputs.map(({ id }) => id),
    isVirtual: false,
  };
}
