import { DewproofError } from '../../../core/errors.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Behaviour, BehaviourStart, StartBehaviour } from '../behaviour.ts';
import { loadWasm } from './load-wasm.ts';
import { readScript } from './read-script.ts';
import type { ScriptLimits } from './script-limits.ts';
import { createSession, type Session } from './session.ts';
import { createTenant, type Tenant, type TenantOptions } from './tenant.ts';
import type { WasmModule } from './web-assembly.ts';

const LOAD_WITHIN_MS = 10_000;

/** What scripts stand on; the rest shortens times for tests. */
export interface ScriptBehavioursDeps extends Partial<Omit<TenantOptions, 'wasm'>> {
  readonly clock: Clock;
  readonly limits?: Partial<Pick<ScriptLimits, 'handlerMs' | 'viewMs'>>;
}

/** All scripts of a device. */
export interface ScriptBehaviours {
  readonly start: StartBehaviour;
  close(): Promise<void>;
}

/**
 * Runs scripts: one thread a tenant, so that no script holds up the agent or another tenant's, and in it one
 * interpreter a script. Nothing is loaded before the first script starts.
 */
export function createScriptBehaviours(deps: ScriptBehavioursDeps): ScriptBehaviours {
  const tenants = new Map<string, Tenant>();
  let wasm: Promise<WasmModule> | undefined;
  let lastScript = 0;

  /** @throws SCRIPT_ERROR, ENDLESS_DATA, UNSUPPORTED, TIMEOUT */
  async function start(given: BehaviourStart): Promise<Behaviour> {
    const script = readScript(given);
    const { tenant: name } = script.config.resource;
    wasm ??= loadWasm();
    const compiled = await wasm;
    given.signal.throwIfAborted();
    const tenant = tenants.get(name) ?? createTenant({ ...deps, wasm: compiled });
    tenants.set(name, tenant);
    lastScript += 1;
    let isStarted = false;
    const session: Session = createSession({
      ...script,
      script: lastScript,
      limits: { ...script.limits, ...deps.limits },
      reach: given.reach,
      clock: deps.clock,
      onBroken: (reason, message) => {
        if (isStarted) tenant.strike(session, { reason, message });
      },
    });
    const stop = async () => {
      await tenant.remove(session);
      if (tenant.isEmpty() && tenants.get(name) === tenant) tenants.delete(name);
    };
    tenant.add({ session, onFailure: given.onFailure });
    try {
      await withinTime(session.firstLoad, given.signal);
      isStarted = true;
    } catch (error) {
      await stop();
      throw error;
    }
    return behaviourOf(session, { given, stop });
  }

  return {
    start,
    close: async () => {
      const all = [...tenants.values()];
      tenants.clear();
      await Promise.all(all.map((tenant) => tenant.close()));
    },
  };
}

function behaviourOf(
  session: Session,
  { given, stop }: { readonly given: BehaviourStart; readonly stop: () => Promise<void> },
): Behaviour {
  const { metadata, spec } = given.configuration.resolved;
  const head = { tenant: metadata.tenant, name: metadata.name, version: spec.version };
  return {
    probe: () => {
      if (session.isLoaded()) return Promise.resolve();
      return Promise.reject(new DewproofError('UNHEALTHY', 'The script broke, and waits to be started again.'));
    },
    takeOver: () => {
      session.activate();
      return Promise.resolve();
    },
    deliver: (event) => {
      session.deliver(event);
    },
    computeView: async (view, query) => ({ ...head, view, value: await session.computeView(view, query) }),
    dropped: () => session.dropped(),
    stop,
  };
}

async function withinTime(loaded: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(
      new DewproofError('TIMEOUT', `The script did not load within ${LOAD_WITHIN_MS} ms; do less at its top level.`),
    );
  }, LOAD_WITHIN_MS);
  const abort = () => {
    reject(signal.reason as Error);
  };
  signal.addEventListener('abort', abort);
  try {
    await Promise.race([loaded, promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}
