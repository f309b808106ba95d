import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { describe, expect, test } from 'vitest';
import { readDrafts } from '../../cli/apply/read-drafts.ts';
import { digestOf } from '../../core/digest.ts';
import type { DocumentDraft } from '../../core/document/schema.ts';
import { descriptions, isTold, keyOf } from '../../scripts/reference/descriptions.ts';
import {
  examplesFolder,
  fieldsOfDocument,
  renderReference,
  sections,
} from '../../scripts/reference/render-reference.ts';
import { bytesOf, SALT } from '../core/support/samples.ts';
import { createSite, GROUP_NAME } from '../edge/support/site.ts';
import { startTestDew } from '../edge/support/test-dew.ts';
import { eventually, startTestEdge } from '../edge/support/test-edge.ts';

const page = fileURLToPath(new URL('../../docs/resources.md', import.meta.url));
const folder = fileURLToPath(examplesFolder);

/** Where a document says something, in the reference's form: `spec.inputs[].mqtt.topic`. */
function pathsOf(value: unknown, path = ''): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => pathsOf(item, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const at = path === '' ? key : `${path}.${key}`;
    return [at, ...(isTold(flat(at)) ? [] : pathsOf(inner, at))];
  });
}

/** A condition within a condition is told where it stands first. */
const flat = (path: string) => path.replaceAll(/\.when(?:\.(?:all|any)\[\]|\.not(?=\.))+/g, '.when');

const isRefused = (path: string) => /`UNSUPPORTED` in this release/.test(descriptions[keyOf(path)] ?? '');

describe('docs/resources.md', () => {
  test('is what the schema and the examples make it', async () => {
    const options = await resolveConfig(page);
    const rendered = await format(renderReference(), { ...options, parser: 'markdown' });
    expect(readFileSync(page, 'utf8'), 'run npm run generate:reference').toBe(rendered);
  });

  test('describes every field, and nothing that is no field', () => {
    const keys = new Set(fieldsOfDocument().map(({ path }) => keyOf(path)));
    expect(Object.keys(descriptions).filter((key) => !keys.has(key))).toEqual([]);
    expect([...keys].filter((key) => (descriptions[key] ?? '') === '')).toEqual([]);
  });

  test('has an example of every field that this release acts on', async () => {
    const drafts = await readDrafts([folder]);
    const shown = new Set(
      drafts.flatMap(({ draft }) => pathsOf(draft)).flatMap((path) => [path, flat(path)].map(keyOf)),
    );
    const texts = new Set(
      readdirSync(folder).flatMap((file) => readFileSync(join(folder, file), 'utf8').match(/[\w-]+(?=:)/g)),
    );
    const fields = fieldsOfDocument().map(({ path }) => path);
    const acted = fields.filter((path) => ![...fields].some((outer) => path.startsWith(outer) && isRefused(outer)));
    // Defaults are filled in when an example is read: what nobody wrote is no example.
    const isWritten = (path: string) =>
      shown.has(keyOf(path)) && texts.has(path.split(/[.[]/).findLast((word) => /\w/.test(word)) ?? '');
    const given = ['spec.runtime.artifact.digest', 'spec.runtime.artifact.size'];
    expect(acted.filter((path) => !isWritten(path) && !given.includes(path))).toEqual([]);
  });
});

describe('the examples of docs/resources.md', () => {
  test('run on a device, but for the one that lacks a radio, which says so', async () => {
    const site = await createSite();
    const dew = await startTestDew(site);
    const names: string[] = [];
    for (const { draft, artifact } of await readDrafts(
      sections.flatMap(({ files }) => files.map((file) => join(folder, file))),
    )) {
      if (artifact !== undefined) site.contents.set(artifact.digest, artifact.bytes);
      const bytes = bytesOf(complete(draft));
      const digest = digestOf(bytes);
      site.contents.set(digest, bytes);
      if (draft.kind === 'DeviceProfile') {
        await site.do({ type: 'set-device-profile', account: site.account, profile: digest });
      } else {
        await site.propose(draft.metadata.name, { version: draft.spec.version ?? 1, digest });
        names.push(draft.metadata.name);
      }
    }
    dew.assign(...names);
    const wired = { links: [{ kind: 'ethernet', name: 'eth0', isUp: true }], untold: [] } as const;
    const edge = await startTestEdge(site, { dewUrls: [dew.url], readLinks: () => Promise.resolve(wired) });
    const missing = 'example-bluetooth';
    await eventually(() => {
      const states = edge.status().resources.map(({ name, state }) => `${name} ${state}`);
      expect(states.filter((one) => !one.startsWith(missing)).toSorted()).toEqual(
        names
          .filter((name) => name !== missing)
          .map((name) => `${name} RUNNING`)
          .toSorted(),
      );
    });
    await eventually(() => {
      const codes = edge
        .status()
        .refusals.filter(({ about }) => about.endsWith(missing))
        .map(({ code }) => code);
      expect(codes).toEqual(['WRONG_DEVICE']);
    });
    const answer = await fetch(`${edge.url}/v1/resources/greenfields/example-runtime/views/answer`);
    expect(answer.status).toBe(401);
  });
});

function complete(draft: DocumentDraft): unknown {
  const { version = 1, salt = SALT, ...spec } = draft.spec;
  const group = 'group' in spec ? { group: GROUP_NAME } : {};
  return { ...draft, spec: { ...spec, ...group, version, salt } };
}
