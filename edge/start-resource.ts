import type { Account } from '../core/account.ts';
import { DewproofError } from '../core/errors.ts';
import { resourceIdOf } from '../core/ids.ts';
import { untilAborted } from '../core/until-aborted.ts';
import type { Host, HostStart, StartHost } from './hosts/host.ts';
import { installConfiguration, type Installed } from './install-configuration.ts';
import type { ContentSources } from './obtain-content.ts';
import { secretsOf } from './secrets/secrets-of.ts';
import type { Secrets } from './secrets/secrets.ts';
import type { Observer } from './observer.ts';
import type { ProvenState } from './state/proven-state.ts';
import type { StateKeeper } from './state/state-keeper.ts';
import type { DeviceMemory } from './store/device-memory.ts';
import type { Slot, Unit } from './unit.ts';

/** What starting a resource needs of the device. */
export interface StartDeps {
  readonly account: Account;
  readonly keeper: StateKeeper;
  readonly memory: DeviceMemory;
  readonly sources: ContentSources;
  readonly secrets: Pick<Secrets, 'prepare' | 'get'>;
  /** By kind of runtime. */
  readonly hosts: Readonly<Record<string, StartHost>>;
  readonly observer?: Observer;
  /** Called after every step, for the planner to look again. */
  readonly onStep: () => void;
}

/** A resource that was verified: what was, and by whose word. */
export interface Verified extends Installed {
  readonly grounds: ProvenState;
}

/**
 * Verifies one version of a resource: record, then bytes by digest, then every check of core, then its secrets.
 * @throws what verifyConfiguration, obtainContent and StateKeeper.groundsFor do, SECRET_MISSING
 */
export async function verifyResource({ unit, slot }: { unit: Unit; slot: Slot }, deps: StartDeps): Promise<Verified> {
  const { signal } = slot.abort;
  const grounds = await deps.keeper.groundsFor(slot.target, unit.resource);
  const { account, hosts } = deps;
  // The last known good version is older than what was seen since, and may be: this device committed it itself.
  const lastSeen = unit.current === slot ? slot.target : deps.memory.seen.get(unit.resource);
  const question = { resource: unit.resource, account, state: grounds.state, lastSeen, runtimes: Object.keys(hosts) };
  const installed = await installConfiguration(question, { sources: deps.sources, signal });
  await deps.secrets.prepare(installed.configuration.document, signal);
  signal.throwIfAborted();
  return { ...installed, grounds };
}

/** Waits until the planner lets a verified version start: what it requires is running. */
export async function waitForRelease(
  { slot }: { slot: Slot },
  { configuration }: Verified,
  deps: StartDeps,
): Promise<void> {
  const { metadata, spec } = configuration.document;
  slot.configuration = configuration;
  slot.requires = spec.requires.map(({ resource }) => resourceIdOf({ tenant: metadata.tenant, name: resource }));
  const released = new Promise<void>((resolve) => {
    slot.release = resolve;
  });
  slot.phase = 'installed';
  deps.onStep();
  await untilAborted(released, slot.abort.signal);
}

/**
 * Starts a verified version, standing by until it takes over. That its version was seen is on disk (fsync) before
 * anything of it runs: a power cut right after can't make an older one acceptable again.
 * @throws DISK_FULL, UNSUPPORTED, what the host throws, the signal's reason
 */
export async function startVerified(
  { unit, slot }: { unit: Unit; slot: Slot },
  { configuration, artifacts, onFailure }: Verified & Pick<HostStart, 'onFailure'>,
  deps: StartDeps,
): Promise<Host> {
  slot.phase = 'starting';
  await rememberSeen({ unit, slot }, deps.memory);
  const { signal } = slot.abort;
  signal.throwIfAborted();
  const { kind } = configuration.document.spec.runtime;
  const startHost = Object.hasOwn(deps.hosts, kind) ? deps.hosts[kind] : undefined;
  if (startHost === undefined) throw new DewproofError('UNSUPPORTED', `This device has no runtime for ${kind}.`);
  const secret = secretsOf(configuration.document, deps.secrets);
  const starting = startHost({ configuration, artifacts, secret, signal, onFailure });
  try {
    return await untilAborted(starting, signal);
  } catch (error) {
    // A host that comes up after all was superseded or stopped meanwhile.
    starting.then((host) => host.stop()).catch(() => undefined);
    throw error;
  }
}

async function rememberSeen({ unit, slot }: { unit: Unit; slot: Slot }, memory: DeviceMemory): Promise<void> {
  const { version, digest } = slot.target;
  const seen = memory.seen.get(unit.resource);
  if (seen !== undefined && seen.version >= version) return;
  await memory.remember(() => [{ kind: 'seen', resource: unit.resource, value: { version, digest } }]);
}
