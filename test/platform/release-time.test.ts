import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { RELEASED_AT_MS } from '../../platform/release-time.ts';
import { readVersion } from '../../platform/version.ts';

interface Release {
  readonly version: string;
  /** Midnight of its day (UTC); undefined where it is still to come. */
  readonly atMs: number | undefined;
}

/** The releases of a changelog, the newest first. */
function releasesOf(changelog: string): readonly Release[] {
  return [...changelog.matchAll(/^## .*$/gm)].map(([heading]) => {
    const [, version, date] = /^## (\d+\.\d+\.\d+) - (unreleased|\d{4}-\d\d-\d\d)$/.exec(heading) ?? [];
    if (version === undefined || date === undefined) throw new TypeError(`no release: ${heading}`);
    return { version, atMs: date === 'unreleased' ? undefined : Date.parse(date) };
  });
}

/** What is wrong with a release time; undefined where nothing is. */
function faultOf(releasedAtMs: number, { changelog, nowMs }: { changelog: string; nowMs: number }): string | undefined {
  const newest = Math.max(0, ...releasesOf(changelog).map(({ atMs }) => atMs ?? 0));
  if (releasedAtMs < newest) return 'it is older than the newest release: raise it';
  // No device would believe a right clock.
  return releasedAtMs > nowMs ? 'it is still to come' : undefined;
}

const changelog = readFileSync('CHANGELOG.md', 'utf8');

describe('the release time', () => {
  test('is no older than the newest dated release in the changelog, and is past', () => {
    expect(faultOf(RELEASED_AT_MS, { changelog, nowMs: Date.now() })).toBeUndefined();
    expect(releasesOf(changelog)[0]?.version).toBe(readVersion());
  });

  test.each([
    ['# Changelog\n\n## 0.2.0 - 2027-01-05\n', 'raise it'],
    ['## 0.3.0 - unreleased\n\n## 0.2.0 - 2027-01-05\n', 'raise it'],
    ['## 0.2.0 - unreleased\n\n## 0.1.0 - 2026-12-31\n', undefined],
    ['## 0.1.0 - unreleased\n', undefined],
  ])('forgotten at a release is found out: %j', (text, fault) => {
    const found = faultOf(Date.UTC(2027, 0, 1), { changelog: text, nowMs: Date.UTC(2027, 0, 6) });
    if (fault === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(fault);
  });

  test('in the future is found out', () => {
    expect(faultOf(Date.UTC(2027, 0, 7), { changelog, nowMs: Date.UTC(2027, 0, 6) })).toContain('to come');
  });
});
