import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Site, SiteEdge } from '../../scripts/site/open-site.ts';
import { edgeStatus, waitFor } from '../../scripts/site/status.ts';

const run = promisify(execFile);

/** Publishes a next version of host-load; its window tells it from the one before. */
export async function publish(site: Site, { folder, version }: { folder: string; version: number }): Promise<void> {
  const file = join(folder, `host-load-${version}.yaml`);
  const draft = await readFile(join('examples', 'host-load.yaml'), 'utf8');
  await writeFile(file, draft.replace('window: 1m', `window: ${version}m`));
  await site.run('operator', ['apply', '-f', file]);
  await site.run('approver', ['approve', 'host-load', '--yes']);
}

/** Tells whether an edge runs a version of host-load. */
export async function runs(
  site: Site,
  { edge, version }: { edge: SiteEdge; version: number },
): Promise<true | undefined> {
  const { resources } = await edgeStatus(site, edge);
  const running = ({ name, state, version: shown }: (typeof resources)[number]): boolean =>
    name === 'host-load' && state === 'RUNNING' && shown === version;
  return resources.some(running) ? true : undefined;
}

/** Publishes `value` with mosquitto_pub until curl sees it in the view. */
export async function reading(edge: SiteEdge, value: number): Promise<number> {
  const port = new URL(edge.mqttUrl).port;
  const url = `${edge.url}/v1/resources/greenfields/host-load/views/now`;
  return waitFor(`the reading ${value}`, async () => {
    await run('mosquitto_pub', ['-p', port, '-q', '1', '-t', 'host/load', '-m', `{"load1": ${value}, "load5": 0}`]);
    const { stdout } = await run('curl', ['-s', url]);
    return stdout.includes(String(value)) ? value : undefined;
  });
}
