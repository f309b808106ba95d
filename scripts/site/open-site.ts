import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { DewproofError } from '../../core/errors.ts';
import { fundAccounts, startHardhatNode } from './chain-process.ts';
import { cliFile, runDewproof } from './dewproof.ts';
import { startHostileDew, type HostileDew } from './hostile-dew.ts';
import { startProcess, type SiteProcess } from './processes.ts';

/** The site's cast: whose keys stand in which folder. */
export const homes = ['operator', 'approver', 'dew', 'edge-1', 'edge-2'] as const;
export type Home = (typeof homes)[number];

export const tenant = 'greenfields';
export const group = 'site';

/** One edge device of the running site. */
export interface SiteEdge {
  readonly name: 'edge-1' | 'edge-2';
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
  /** Runs a `dewproof` command with the keys of `home`; returns its standard output. */
  run(home: Home, args: readonly string[]): Promise<string>;
  /** Has a further process stopped with the site. */
  keep(process: SiteProcess): void;
  stop(): Promise<void>;
}

const marker = '.dewproof-site';

/**
 * Opens a fresh site in `folder`: `hardhat node` forgets its chain, so what an earlier site left there is removed.
 * `step` is told what happens, as it happens. Everything that was started is stopped again when a step fails.
 * @throws CONFIG (the folder holds something else), TIMEOUT, INTERNAL, PORT_IN_USE
 */
export async function openSite(options: {
  readonly folder: string;
  readonly withAttacker: boolean;
  readonly step: (message: string) => void;
  readonly signal: AbortSignal;
}): Promise<Site> {
  const folder = resolve(options.folder);
  const started: SiteProcess[] = [];
  const closers: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const process of started.splice(0).reverse()) await process.stop();
    for (const close of closers.splice(0)) await close();
  };
  const keep = (process: SiteProcess): void => {
    started.push(process);
  };
  const step = (message: string): void => {
    options.signal.throwIfAborted();
    options.step(message);
  };
  try {
    return await build({ withAttacker: options.withAttacker, folder, step, keep, closers, stop });
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Builder {
  readonly folder: string;
  readonly withAttacker: boolean;
  readonly step: (message: string) => void;
  readonly keep: (process: SiteProcess) => void;
  readonly closers: (() => Promise<void>)[];
  readonly stop: () => Promise<void>;
}

async function build(builder: Builder): Promise<Site> {
  const { folder, step, keep } = builder;
  await makeFolder(folder);
  const logFile = (name: string): string => join(folder, 'logs', `${name}.log`);
  const run = (home: Home, args: readonly string[]): Promise<string> =>
    runDewproof(['--home', join(folder, home), ...args]);

  step('starting a chain (hardhat node, a block a second)');
  const chain = await startHardhatNode({ port: await freePort(), logFile: logFile('chain') });
  keep(chain.process);

  step('making keys for an operator, an approver, a dew server and two edge devices');
  const dewPort = await freePort();
  const dewUrl = `http://127.0.0.1:${dewPort}`;
  const accounts = await makeKeys(run, dewUrl);
  await fundAccounts(chain.url, [accounts.operator, accounts.approver]);

  step(`deploying the tenant "${tenant}": AccessManager, Registry, roles; one approval is needed`);
  await createTenant({ run, folder, accounts, url: chain.url });

  step('starting the dew server');
  const start = (home: Home, args: readonly string[]): Promise<Daemon> =>
    startDaemon({ home, folder, args, logFile: logFile(home) });
  const hostileDew = builder.withAttacker ? await startHostileDew(dewUrl) : undefined;
  if (hostileDew) builder.closers.push(() => hostileDew.close());
  const dew = await start('dew', [
    'dew',
    'start',
    '--port',
    String(dewPort),
    '--mqtt-port',
    '0',
    ...knownAs(hostileDew),
  ]);
  keep(dew.process);

  step('enrolling the devices, letting anyone read');
  await enrol(run, accounts);

  step('starting two edge devices');
  const edges: SiteEdge[] = [];
  for (const name of ['edge-1', 'edge-2'] as const) {
    const dews = ['--dew', hostileDew?.url ?? dewUrl, '--hints', dew.mqttUrl];
    const edge = await start(name, ['edge', 'start', '--port', '0', '--mqtt-port', '0', ...dews]);
    keep(edge.process);
    edges.push({ name, account: accounts[name], url: edge.url, mqttUrl: edge.mqttUrl, home: join(folder, name) });
  }
  return { folder, chainUrl: chain.url, dewUrl, edges, hostileDew, run, keep, stop: builder.stop };
}

/** The attacker has taken over the address by which the edges know the dew. */
function knownAs(hostileDew: HostileDew | undefined): readonly string[] {
  return hostileDew ? ['--authority', new URL(hostileDew.url).host] : [];
}

async function makeFolder(folder: string): Promise<void> {
  if (existsSync(folder) && !existsSync(join(folder, marker))) {
    throw new DewproofError('CONFIG', `${folder} was not made by an earlier site; name another folder with --folder.`);
  }
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, 'logs'), { recursive: true });
  await writeFile(join(folder, marker), 'Made by `npm start`, which removes this folder when it runs again.\n');
}

type Run = (home: Home, args: readonly string[]) => Promise<string>;
type Accounts = Readonly<Record<Home, string>>;

async function makeKeys(run: Run, dewUrl: string): Promise<Accounts> {
  const kinds: Record<Home, string> = {
    operator: 'user',
    approver: 'user',
    dew: 'dew',
    'edge-1': 'edge',
    'edge-2': 'edge',
  };
  const made = await Promise.all(
    homes.map(async (home) => {
      const groups = kinds[home] === 'user' ? [] : ['--group', group];
      const options = ['--kind', kinds[home], '--generate-password', '--dew', dewUrl, ...groups];
      const answer = JSON.parse(await run(home, ['init', ...options, '-o', 'json'])) as { account: string };
      return [home, answer.account] as const;
    }),
  );
  return Object.fromEntries(made) as Accounts;
}

async function createTenant(options: { run: Run; folder: string; accounts: Accounts; url: string }): Promise<void> {
  const { run, folder, accounts, url } = options;
  const { operator, approver } = accounts;
  const roles = ['publisher', 'registrar', 'policy-admin', 'revoker', 'admin'].flatMap((role) => [
    `--${role}`,
    operator,
  ]);
  const approvals = ['--approver', approver, '--guardian', approver, '--threshold', '1'];
  await run('operator', ['tenant', 'create', tenant, '--url', url, ...roles, ...approvals]);
  for (const home of homes.filter((name) => name !== 'operator')) {
    await copyFile(join(folder, 'operator', 'anchor.json'), join(folder, home, 'anchor.json'));
  }
}

/** One profile an edge, so that the two resources are placed apart by their labels. */
async function enrol(run: Run, accounts: Accounts): Promise<void> {
  await run('operator', ['device', 'enrol', accounts.dew, '--kind', 'dew', '--group', group]);
  for (const name of ['edge-1', 'edge-2'] as const) {
    const profile = join('examples', 'site', `${name}.profile.yaml`);
    await run('operator', [
      'device',
      'enrol',
      accounts[name],
      '--kind',
      'edge',
      '--group',
      group,
      '--profile',
      profile,
    ]);
  }
  await run('operator', ['policy', 'grant', '--any-resource', '--anyone', '--actions', 'read']);
}

interface Daemon {
  readonly process: SiteProcess;
  readonly url: string;
  readonly mqttUrl: string;
}

const readySchema = z.looseObject({ ready: z.literal(true), url: z.string(), mqttUrl: z.string() });

async function startDaemon(options: {
  readonly home: Home;
  readonly folder: string;
  readonly args: readonly string[];
  readonly logFile: string;
}): Promise<Daemon> {
  const { home, folder, args, logFile } = options;
  const { process: started, line } = await startProcess({
    name: home,
    command: process.execPath,
    args: [cliFile, '--home', join(folder, home), ...args],
    logFile,
    isReady: (candidate) => candidate.startsWith('{"ready":true'),
  });
  const { url, mqttUrl } = readySchema.parse(JSON.parse(line));
  return { process: started, url, mqttUrl };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
