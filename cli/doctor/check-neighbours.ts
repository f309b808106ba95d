import { createServer } from 'node:net';
import { hasCode } from '../../core/errors.ts';
import { callDaemon } from '../../platform/control/control-client.ts';
import { fetchCapped } from '../../platform/http/fetch-capped.ts';
import { dewPorts, edgePorts, witnessPort } from '../daemon/daemon-ports.ts';
import type { HomeConfig } from '../home/config.ts';
import type { Home } from '../home/open-home.ts';
import { readAnchor } from '../home/read-anchor.ts';
import { checkAsked, checkAsking } from './check-asking.ts';
import { failure, ok, warning, type Finding } from './finding.ts';

const limits = { maxBytes: 65_536, minBytesPerSecond: 1, totalMs: 10_000 };

/** Whether a dew answers and is ready. */
export async function checkDew(url: string): Promise<Finding> {
  const { status } = await fetchCapped(`${url}/readyz`, limits);
  if (status === 200) return ok('dew', `${url} is ready`);
  return warning('dew', { detail: `${url} answers ${status} at /readyz`, remedy: "see that dew's own doctor" });
}

/** Whether a person's home names a dew: documents come from dews to who approves, and through them to devices. */
export function checkNamed({ role, dews }: HomeConfig): readonly Finding[] {
  if (role !== 'user' || dews.length > 0) return [];
  return [
    warning('dew', {
      detail: 'config.yaml names none: what is to be approved comes from one, and what is applied goes to one',
      remedy: 'add its address under `dews:` of config.yaml, if this home proposes or approves',
    }),
  ];
}

/** Whether a witness answers and signs. */
export async function checkWitness({ name, url }: { readonly name: string; readonly url: string }): Promise<Finding> {
  const { status } = await fetchCapped(`${url.replace(/\/+$/, '')}/readyz`, limits);
  if (status === 200) return ok('witness', `${name} signs at ${url}`);
  return warning('witness', {
    detail: `${name} at ${url} answers ${status} at /readyz: it signs nothing`,
    remedy: "see that witness's `dewproof status`",
  });
}

/** Whether the home's daemon runs; where it does not, whether its ports are free for it. */
export async function checkDaemon(home: Home): Promise<readonly Finding[]> {
  const { role } = home.config;
  if (role === 'user') return [];
  try {
    const status = await callDaemon({ folder: home.dataFolder, command: 'status', timeoutMs: 5_000 });
    return [ok('daemon', `the ${role} runs on ${home.dataFolder}`), ...(role === 'dew' ? checkAsked(status) : [])];
  } catch (error) {
    if (!hasCode(error, 'DAEMON_UNAVAILABLE')) throw error;
    const remedy = `start it with \`dewproof ${role} start\``;
    const stopped = warning('daemon', { detail: `no ${role} runs on ${home.dataFolder}`, remedy });
    const ports = await Promise.all(portsOf(home).map((port) => checkPort(port, home.config.daemon.host)));
    return [stopped, ...ports, ...(role === 'dew' ? await checkHomes(home) : [])];
  }
}

/** What is wrong with the anchor itself is told where that is read. */
async function checkHomes(home: Home): Promise<readonly Finding[]> {
  const anchor = await readAnchor(home.anchorFile).catch(() => undefined);
  return anchor === undefined ? [] : checkAsking(anchor, home.config);
}

function portsOf({ config: { role, daemon } }: Home): readonly number[] {
  if (role === 'witness') return [daemon.port ?? witnessPort].filter((port) => port !== 0);
  const defaults = role === 'dew' ? dewPorts : edgePorts;
  const mqtt = daemon.mqttUrl === undefined ? [daemon.mqttPort ?? defaults.mqttPort] : [];
  return [daemon.port ?? defaults.port, ...mqtt].filter((port) => port !== 0);
}

async function checkPort(port: number, host: string): Promise<Finding> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    return ok('port', `${port} of ${host} is free`);
  } catch (error) {
    const detail = `${port} of ${host}: ${error instanceof Error ? error.message : String(error)}`;
    return failure('port', { detail, remedy: 'stop its holder or choose another in config.yaml' });
  } finally {
    server.close();
  }
}
