import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitFor } from '../../scripts/site/status.ts';
import { descendantsOf, isAlive } from '../support/processes.ts';

const run = promisify(execFile);

/** The site exactly as `npm start -- --attack` runs it, used by programs that nobody here wrote. */
describe('npm start -- --attack', () => {
  let folder: string;
  let site: ChildProcess;
  let shown = '';

  beforeAll(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'dewproof-site-')), 'site');
    site = spawn(process.execPath, ['scripts/site.ts', '--attack', '--folder', folder], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1' },
    });
    const note = (chunk: Buffer): void => {
      shown += chunk.toString();
    };
    site.stdout?.on('data', note);
    site.stderr?.on('data', note);
    await waitFor('the site to have shown everything', () => seen('Ctrl-C stops the site.'), { timeoutMs: 540_000 });
  });

  afterAll(async () => {
    if (site.exitCode === null) site.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  const seen = (text: string): Promise<true | undefined> => {
    if (site.exitCode !== null) throw new Error(`the site ended with ${site.exitCode}:\n${shown}`);
    return Promise.resolve(shown.includes(text) ? true : undefined);
  };
  const shownMatch = (pattern: RegExp): string => {
    const found = pattern.exec(shown)?.[1];
    if (found === undefined) throw new Error(`nothing like ${pattern.source} in:\n${shown}`);
    return found;
  };
  const curl = async (url: string): Promise<{ status: string; body: unknown }> => {
    const { stdout } = await run('curl', ['-s', '-w', '\n%{http_code}', url]);
    const at = stdout.lastIndexOf('\n');
    return { status: stdout.slice(at + 1), body: JSON.parse(stdout.slice(0, at)) };
  };

  test('shows each attack refused by name', () => {
    expect(shown).toMatch(/one bit changed\s+refused: DIGEST_MISMATCH/);
    expect(shown).toMatch(/replays its older assignment of version 1\s+refused: ROLLBACK/);
    expect(shown).toMatch(/to hide that host-network was revoked\s+refused: REVOKED/);
    expect(shown).toMatch(/one bit of a proof\s+refused: PROOF_INVALID/);
    expect(shown).toMatch(/first bundle that it ever saw\s+refused: ROLLBACK/);
    expect(shown).toMatch(/over the first bundle’s facts\s+refused: PROOF_INVALID/);
    expect(shown).toMatch(/leaves the record of host-load out of its bundles\s+refused: NOT_PROVED/);
    expect(shown).toMatch(/drips true bundles, each too late\s+refused: FREEZE/);
    expect(shown).toMatch(/streams a bundle without end\s+refused: ENDLESS_DATA/);
    expect(shown).toMatch(/dribbles a byte a second\s+refused: SLOW_RETRIEVAL/);
    expect(shown.match(/edge-1 goes on serving/g)).toHaveLength(7);
  });

  test("a reading of mosquitto_pub's is served to curl", async () => {
    const port = shownMatch(/mosquitto_pub -p (\d+)/);
    const url = shownMatch(/curl (http:\S+\/views\/now)/);
    await waitFor('the published reading', async () => {
      await run('mosquitto_pub', ['-p', port, '-q', '1', '-t', 'host/load', '-m', '{"load1": 4242.5, "load5": 7}']);
      const { status, body } = await curl(url);
      return status === '200' && JSON.stringify(body).includes('4242.5') ? true : undefined;
    });
  });

  test('what no policy allows is refused', async () => {
    const url = shownMatch(/curl (http:\S+\/views\/now)/);
    const { status } = await curl(url.replace(/\/v1\/.*/, '/v1/anything-else'));
    expect(['401', '403', '404']).toContain(status);
  });

  test('Ctrl-C stops every process', async () => {
    const started = await descendantsOf(site.pid ?? 0);
    // The chain, three witnesses, the dew, two edges, two sensors.
    expect(started.length).toBeGreaterThanOrEqual(9);
    site.kill('SIGINT');
    const [exitCode] = (await once(site, 'exit')) as [number | null];
    expect(exitCode).toBe(0);
    expect(started.filter(isAlive)).toEqual([]);
  });
});
