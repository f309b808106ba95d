import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Pool } from 'undici';
import { openKeystore } from '../chain/evm/keystore.ts';
import type { CallSigner } from '../core/calls.ts';
import { createCallSigner } from '../platform/calls/sign-call.ts';
import { startProcess } from '../scripts/site/processes.ts';
import type { Site } from '../scripts/site/open-site.ts';
import type { Figure } from './report.ts';
import { median, timed } from './statistics.ts';

const requests = 1_000;
const connections = 16;
const rounds = 5;

interface Asked {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A document's requests a second: from the dew, signed and checked as a device's are, and from node:http. */
export async function benchDocuments(site: Site, digest: string): Promise<readonly Figure[]> {
  const signer = await openDeviceSigner(site);
  const path = `/v1/documents/${digest}`;
  const file = join(site.folder, 'bench-document.json');
  await writeFile(file, await fetchDocument(site, { signer, path }));
  const plain = await startProcess({
    name: 'node:http',
    command: process.execPath,
    args: [join('bench', 'plain-server.ts'), file],
    logFile: join(site.folder, 'logs', 'plain.log'),
    isReady: (line) => line.startsWith('http://'),
  });
  try {
    const dew: number[] = [];
    const floor: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      // Signed beforehand: what a thousand devices spend on signing is not the dew's.
      const signed = await Promise.all(Array.from({ length: requests }, () => ask(site.dewUrl, { signer, path })));
      dew.push(await rate(site.dewUrl, signed));
      floor.push(
        await rate(
          plain.line,
          Array.from({ length: requests }, () => ({ path: '/', headers: {} })),
        ),
      );
    }
    const how = `${requests} requests over ${connections} connections, median of ${rounds}`;
    return [
      { what: 'dew: a document, call verified', value: median(dew), unit: '1/s', how },
      { what: 'node:http: the same bytes, nothing checked', value: median(floor), unit: '1/s', how },
      { what: 'dew / node:http', value: median(dew) / median(floor), unit: 'x', how: 'same run' },
    ];
  } finally {
    await plain.process.stop();
  }
}

async function openDeviceSigner(site: Site): Promise<CallSigner> {
  const home = join(site.folder, 'edge-1');
  const password = (await readFile(join(home, 'password'), 'utf8')).trim();
  const account = await openKeystore({ json: await readFile(join(home, 'keystore.json'), 'utf8'), password });
  return createCallSigner({ ...account, chainId: 31337 });
}

async function ask(origin: string, { signer, path }: { signer: CallSigner; path: string }): Promise<Asked> {
  const call = { method: 'GET', url: `${origin}${path}`, headers: {}, body: undefined };
  return { path, headers: await signer.sign(call) };
}

async function fetchDocument(site: Site, of: { signer: CallSigner; path: string }): Promise<Uint8Array> {
  const { headers } = await ask(site.dewUrl, of);
  const response = await fetch(`${site.dewUrl}${of.path}`, { headers });
  if (!response.ok) throw new Error(`the dew answered ${response.status}: ${await response.text()}`);
  return new Uint8Array(await response.arrayBuffer());
}

async function rate(origin: string, asked: readonly Asked[]): Promise<number> {
  const pool = new Pool(origin, { connections });
  try {
    const { ms } = await timed(() =>
      Promise.all(
        asked.map(async ({ path, headers }) => {
          const { statusCode, body } = await pool.request({ method: 'GET', path, headers });
          await body.dump();
          if (statusCode !== 200) throw new Error(`${origin} answered ${statusCode}`);
        }),
      ),
    );
    return (asked.length * 1000) / ms;
  } finally {
    await pool.close();
  }
}
