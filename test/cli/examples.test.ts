import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { verifyDrafts } from '../../cli/apply/verify-drafts.ts';
import { readDrafts } from '../../cli/apply/read-drafts.ts';
import { parseYamlDocument } from '../../core/document/parse-yaml.ts';
import { resolveBindings } from '../../core/resolve-bindings.ts';
import type { DeviceProfile, VirtualResource } from '../../core/document/schema.ts';

const folder = resolve(import.meta.dirname, '../../examples');
const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
const read = (file: string) => parseYamlDocument(readFileSync(resolve(folder, file), 'utf8'));

test.each(files)('%s is a document named after its file', (file) => {
  const { kind, metadata } = read(file);
  expect(kind === 'DeviceProfile' ? file : `${metadata.name}.yaml`).toBe(file);
});

test('all can be applied together', async () => {
  const drafts = await readDrafts([folder]);
  expect(drafts).toHaveLength(files.length);
  verifyDrafts(drafts, 'greenfields');
});

test('the profile fills every binding of the host documents', () => {
  const profile = read('profile-edge.yaml') as DeviceProfile;
  for (const file of ['host-load.yaml', 'host-network.yaml']) {
    const context = { device: `0x${'1'.repeat(40)}`, group: 'site', profile } as const;
    const { spec } = resolveBindings(read(file) as VirtualResource, context);
    expect(JSON.stringify(spec.inputs)).not.toMatch(/\{(?:binding|device|group)\}/);
  }
});
