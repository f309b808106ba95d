import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { codedError } from '../../cli/output/report-error.ts';
import { digestOf } from '../../core/digest.ts';
import { readDrafts } from '../../cli/apply/read-drafts.ts';
import { verifyCycles } from '../../cli/apply/verify-cycles.ts';
import { resourcesByName, verifyDrafts } from '../../cli/apply/verify-drafts.ts';
import { resourceDraft, resourceYaml } from './documents.ts';
import { temporaryFolder } from './temporary-folder.ts';

const names = ['a', 'b', 'c'];
const fileOf = (content: string): string => {
  const file = join(temporaryFolder(), 'file.yaml');
  writeFileSync(file, content);
  return file;
};

describe('readDrafts', () => {
  test('reads several documents of a file, and passes over parts that hold only comments', async () => {
    const content = `# head\n---\n${names.map((name) => resourceYaml({ name })).join('--- # next\n')}---\n# tail\n`;
    const drafts = await readDrafts([fileOf(content)]);
    expect(drafts.map(({ draft }) => draft.metadata.name)).toEqual(names);
    expect(drafts[1]?.source).toMatch(/document 2/);
  });

  test('reads a folder in the order of names, not its folders nor other files', async () => {
    const folder = temporaryFolder();
    for (const name of ['b', 'a']) writeFileSync(join(folder, `${name}.yaml`), resourceYaml({ name }));
    writeFileSync(join(folder, 'c.json'), JSON.stringify(resourceDraft({ name: 'c' })));
    writeFileSync(join(folder, 'README.md'), '# no document');
    mkdirSync(join(folder, 'd.yaml'));
    const drafts = await readDrafts([folder]);
    expect(drafts.map(({ draft }) => draft.metadata.name)).toEqual(names);
  });

  test('tells devices by digest and size what a person names by file, relative to the document', async () => {
    const folder = temporaryFolder();
    const script = 'export function onReading() {}\n';
    writeFileSync(join(folder, 'climate.js'), script);
    writeFileSync(
      join(folder, 'a.yaml'),
      `${resourceYaml()}  runtime: { kind: script, artifact: { file: climate.js } }\n`,
    );
    const [sourced] = await readDrafts([folder]);
    const digest = digestOf(Buffer.from(script));
    expect(sourced?.draft.spec).toMatchObject({ runtime: { artifact: { digest, size: script.length } } });
    expect(sourced?.artifact).toEqual({ digest, bytes: Buffer.from(script) });
  });

  test.each([
    ['a file that is not there', 'USAGE', '{ file: none.js }'],
    ['a folder', 'USAGE', '{ file: . }'],
    ['a file with a size of its own', 'SCHEMA', '{ file: [a], size: 1 }'],
  ])('refuses %s', async (_, code, artifact) => {
    const file = fileOf(`${resourceYaml()}  runtime: { kind: script, artifact: ${artifact} }\n`);
    const error: unknown = await readDrafts([file]).catch((thrown: unknown) => thrown);
    expect(codedError(error).code).toBe(code);
  });
});

describe('verifyDrafts', () => {
  const sourced = (...drafts: ReturnType<typeof resourceDraft>[]) =>
    drafts.map((draft, index) => ({ source: `${index}`, draft }));
  const exclusive = { ...resourceDraft(), spec: { ...resourceDraft().spec, exclusive: true } };

  test.each([
    [
      'another tenant',
      'SCHEMA',
      () => {
        verifyDrafts(sourced(resourceDraft()), 'other');
      },
    ],
    [
      'two of one name',
      'SCHEMA',
      () => {
        verifyDrafts(sourced(resourceDraft(), resourceDraft()), 'greenfields');
      },
    ],
    [
      'what edges do not act on',
      'UNSUPPORTED',
      () => {
        verifyDrafts(sourced(exclusive), 'greenfields');
      },
    ],
    [
      'a circle',
      'CYCLE',
      () => {
        const circle = [resourceDraft({ name: 'a', requires: ['b'] }), resourceDraft({ name: 'b', requires: ['a'] })];
        verifyDrafts(sourced(...circle), 'greenfields');
      },
    ],
  ])('refuses %s', (_, code, act) => {
    expect(act).toThrow(expect.objectContaining({ code }));
  });

  test('lets the rest through', () => {
    verifyDrafts(sourced(resourceDraft({ requires: ['weather'] })), 'greenfields');
  });
});

describe('verifyCycles', () => {
  const standing = new Map([
    ['b', resourceDraft({ name: 'b', requires: ['c'] })],
    ['c', resourceDraft({ name: 'c', requires: ['a'] })],
  ]);
  const find = ({ name }: { name: string }) => Promise.resolve(standing.get(name));
  const applied = (requires: string[]) =>
    resourcesByName([{ source: 'file', draft: resourceDraft({ name: 'a', requires }) }]);

  test('refuses a circle that closes through what stands on the ledger', async () => {
    await expect(verifyCycles(applied(['b']), find)).rejects.toMatchObject({ code: 'CYCLE' });
  });

  test('answers what is required and stands nowhere', async () => {
    expect(await verifyCycles(applied(['weather']), find)).toEqual(['weather']);
  });
});
