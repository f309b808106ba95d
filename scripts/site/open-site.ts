import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { readAnchor } from '../../cli/home/read-anchor.ts';
import { DewproofError } from '../../core/errors.ts';
import { fundAccounts } from './chain-process.ts';
import { cliFile, runDewproof } from './dewproof.ts';
import { anchorToWitnesses, createTenant, enrol, makeKeys, people, tenant } from './found-tenant.ts';
import { freePort } from './free-port.ts';
import { startHostileDew, type HostileDew } from './hostile-dew.ts';
import { startProcess, type SiteProcess } from './processes.ts';
import { startWitnesses, type SiteWitness } from './start-witnesses.ts';
import { createSupervisor, type Supervisor } from './supervisor.ts';

/** An edge device that is to be: its name, its profile's file, and what its process finds in its environment. */
export interface EdgeSpec {
  readonly name: string;
  readonly profile: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** What stands before anything of the site does: its folder, and where its processes are kept. */
export interface Ground {
  readonly folder: string;
  readonly processes: Supervisor;
}

/** One edge device of the running site. */
export interface SiteEdge {
  readonly name: string;
  readonly account: string;
  readonly url: string;
  readonly mqttUrl: string;
  readonly home: string;
}

/** A running site: real processes, a real chain, real brokers. */
export interface Site {
  readonly folder: string;
  readonly chainUrl: string;
  readonly dewUrl: string;
  readonly edges: readonly SiteEdge[];
  /** The attacker that stands between edges and dew, where one was asked for. */
  readonly hostileDew: HostileDew | undefined;
  /** Where the devices believe them. */
  readonly witnesses: readonly SiteWitness[];
  /** `chain`, `dew`, `edge-1`, `edge-2`, and whatever is run beside them. */
  readonly processes: Supervisor;
  /** Runs a `dewproof` command with the keys of `home`; returns its standard output. */
  run(home: string, args: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

/** What a site is opened with. */
export interface SiteOptions {
  readonly folder: string;
  readonly withAttacker: boolean;
  /** Starts the chain's node, ready to be asked. */
  readonly startChain: (options: { readonly port: number; readonly logFile: string }) => Promise<SiteProcess>;
  /** How deep a block must be to count. */
  readonly confirmations: number;
  /** Whom the devices believe: three witnesses (default), and no node; or the chain's node. */
  readonly finality?: 'witnesses' | 'rpc';
  /** How long facts count as fresh on the devices, as 24h (default). */
  readonly staleAfter?: string;
  /** Told what happens, as it happens. */
  readonly step: (message: string) => void;
  readonly signal: AbortSignal;
  /** The site's edges, made once its folder is there; left out, two that watch this host. */
  readonly castEdges?: (ground: Ground) => Promise<readonly EdgeSpec[]>;
  /** Options of `dewproof policy grant`, one list each; left out, anyone may read everything. */
  readonly grants?: (accountOf: (home: string) => string) => readonly (readonly string[])[];
}

const watchers: readonly EdgeSpec[] = ['edge-1', 'edge-2'].map((name) => {
  return { name, profile: join('examples', 'site', `${name}.profile.yaml`) };
});
const everythingToAnyone = () => [['--any-resource', '--anyone', '--actions', 'read']];
const marker = '.dewproof-site';

/**
 * Opens a fresh site in `folder`; what an earlier site left there is removed. Everything that was started is stopped
 * again when a step fails or `signal` aborts.
 * @throws CONFIG (the folder holds something else), TIMEOUT, INTERNAL, and the signal's reason
 */
export async function openSite(options: SiteOptions): Promise<Site> {
  const processes = createSupervisor();
  const closers: (() => Promise<void>)[] = [() => processes.stop()];
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> =>
    (stopping ??= (async () => {
      for (const close of closers) await close();
    })());
  const step = (message: string): void => {
    options.signal.throwIfAborted();
    options.step(message);
  };
  try {
    const built = await build({ ...options, folder: resolve(options.folder), step, processes, closers });
    // The last step has nothing after it that would notice.
    options.signal.throwIfAborted();
    return { ...built, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Builder extends SiteOptions {
  readonly processes: Supervisor;
  readonly closers: (() => Promise<void>)[];
}

async function build(builder: Builder): Promise<Omit<Site, 'stop'>> {
  const { folder, step, processes } = builder;
  await makeFolder(folder);
  const specs = (await builder.castEdges?.({ folder, processes })) ?? watchers;
  const homes = [...people, 'dew', ...specs.map(({ name }) => name)];
  const run = (home: string, args: readonly string[]): Promise<string> =>
    runDewproof(['--home', join(folder, home), ...args]);

  step('starting the chain');
  const chainPort = await freePort();
  const chainUrl = `http://127.0.0.1:${chainPort}`;
  await processes.run('chain', () => builder.startChain({ port: chainPort, logFile: logFileOf(folder, 'chain') }));

  const believesWitnesses = builder.finality !== 'rpc';
  // They need the chain's node alone, and take seconds to start.
  const witnessing = believesWitnesses
    ? startWitnesses({ folder, processes }, { chainUrl, confirmations: builder.confirmations })
    : Promise.resolve([]);
  witnessing.catch(() => undefined);

  const starting = believesWitnesses ? 'starting three witnesses, ' : '';
  step(`${starting}making keys for an operator, an approver, a dew server and ${devices(specs)}`);
  const dewPort = await freePort();
  const dewUrl = `http://127.0.0.1:${dewPort}`;
  const accountOf = await makeKeys(run, { homes, dewUrl });
  await fundAccounts(chainUrl, people.map(accountOf));

  step(`deploying the tenant "${tenant}": AccessManager, Registry, roles; one approval is needed`);
  await createTenant({ run, folder, homes, accountOf, url: chainUrl, confirmations: builder.confirmations });

  if (believesWitnesses) step('making the anchor by which devices believe two of the three witnesses');
  const witnesses = await witnessing;
  const deviceHomes = homes.filter((home) => !people.includes(home));
  if (believesWitnesses) {
    await anchorToWitnesses(run, { folder, witnesses, homes: deviceHomes, accountOf, staleAfter: builder.staleAfter });
  }

  step('starting the dew server');
  const anchor = () => readAnchor(join(folder, 'dew', 'anchor.json'));
  const hostileDew = builder.withAttacker ? await startHostileDew(dewUrl, anchor) : undefined;
  if (hostileDew) builder.closers.push(() => hostileDew.close());
  const addresses = witnesses.map(({ name, url }) => `${name}=${url}`);
  const proving = believesWitnesses ? ['--node', chainUrl, '--witness', ...addresses] : [];
  const dewArgs = ['--port', String(dewPort), ...proving, ...knownAs(hostileDew)];
  const dew = await runDaemon('dew', { folder, processes, args: ['dew', 'start', ...dewArgs] });

  step('enrolling the devices, granting who may do what');
  await enrol(run, { specs, accountOf });
  for (const options of (builder.grants ?? everythingToAnyone)(accountOf)) {
    await run('operator', ['policy', 'grant', ...options]);
  }

  step(`starting ${devices(specs)}`);
  const edges: SiteEdge[] = [];
  const ports = await Promise.all(specs.map(() => freePort()));
  for (const [index, { name, env }] of specs.entries()) {
    const others = ports.filter((_, at) => at !== index).map((port) => `http://127.0.0.1:${port}`);
    const peers = believesWitnesses && others.length > 0 ? ['--peer', ...others] : [];
    const dews = ['--dew', hostileDew?.url ?? dewUrl, '--hints', dew.mqttUrl];
    const args = ['edge', 'start', '--port', String(ports[index]), ...dews, ...peers, '--every', '2s'];
    const { url, mqttUrl } = await runDaemon(name, { folder, processes, args, env });
    edges.push({ name, account: accountOf(name), url, mqttUrl, home: join(folder, name) });
  }
  return { folder, chainUrl, dewUrl, edges, hostileDew, witnesses, processes, run };
}

/** Where a process of the site writes what it says. */
export function logFileOf(folder: string, name: string): string {
  return join(folder, 'logs', `${name}.log`);
}

/** The attacker has taken over the address by which the edges know the dew. */
function knownAs(hostileDew: HostileDew | undefined): readonly string[] {
  return hostileDew ? ['--authority', new URL(hostileDew.url).host] : [];
}

async function makeFolder(folder: string): Promise<void> {
  if (existsSync(folder) && !existsSync(join(folder, marker))) {
    throw new DewproofError('CONFIG', `${folder} was not made by an earlier site; name another folder with --folder.`);
  }
  const owner = await ownerOf(folder);
  if (owner !== undefined) {
    throw new DewproofError(
      'CONFLICT',
      `A site runs in ${folder} (process ${owner}); stop it, or name another --folder.`,
    );
  }
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, 'logs'), { recursive: true });
  await writeFile(join(folder, marker), `${process.pid}\n`);
}

/** The process that runs a site in this folder now; undefined where none does. */
async function ownerOf(folder: string): Promise<number | undefined> {
  const pid = Number(await readFile(join(folder, marker), 'utf8').catch(() => ''));
  // A shared process (a test's) may open a folder of its own again.
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return undefined;
  try {
    process.kill(pid, 0);
    return pid;
  } catch {
    return undefined;
  }
}

function devices(specs: readonly EdgeSpec[]): string {
  const count = ['no', 'one', 'two', 'three', 'four'][specs.length] ?? specs.length;
  return `${count} edge device${specs.length === 1 ? '' : 's'}`;
}

const readySchema = z.looseObject({ ready: z.literal(true), url: z.string(), mqttUrl: z.string() });

/** Runs a daemon of `home`; started again, it has the same ports. */
async function runDaemon(
  home: string,
  { folder, processes, args, env }: Ground & { args: readonly string[]; env?: EdgeSpec['env'] },
): Promise<{ url: string; mqttUrl: string }> {
  const mqttPort = String(await freePort());
  let ready: { url: string; mqttUrl: string } | undefined;
  await processes.run(home, async () => {
    const { process: started, line } = await startProcess({
      name: home,
      command: process.execPath,
      args: [cliFile, '--home', join(folder, home), ...args, '--mqtt-port', mqttPort],
      logFile: logFileOf(folder, home),
      isReady: (candidate) => candidate.startsWith('{"ready":true'),
      env: { ...process.env, ...env },
    });
    ready = readySchema.parse(JSON.parse(line));
    return started;
  });
  if (ready === undefined) throw new TypeError('a started daemon has said where it listens');
  return ready;
}
