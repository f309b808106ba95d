import type { VirtualResource, VirtualResourceDraft } from '../../core/document/schema.ts';
import { parseYamlDocument } from '../../core/document/parse-yaml.ts';

/** A small resource of the tenant `greenfields`, as a person writes it. */
export function resourceYaml({
  name = 'barn-climate',
  requires = [] as readonly string[],
  group = 'barn-7',
} = {}): string {
  const needs = requires.map((resource) => `{resource: ${resource}}`).join(', ');
  return `apiVersion: dewproof/v1
kind: VirtualResource
metadata: {tenant: greenfields, name: ${name}}
spec:
  group: ${group}
  inputs: [{id: temperature, mqtt: {topic: barn/temperature}}]
  views: [{id: now, input: temperature, latest: true}]
  requires: [${needs}]
`;
}

/** The same, parsed. */
export function resourceDraft(options: Parameters<typeof resourceYaml>[0] = {}): VirtualResourceDraft {
  return parseYamlDocument(resourceYaml(options)) as VirtualResourceDraft;
}

/** The same, complete. */
export function resourceDocument({
  version,
  ...options
}: { version: number } & Parameters<typeof resourceYaml>[0]): VirtualResource {
  const draft = resourceDraft(options);
  return { ...draft, spec: { ...draft.spec, version, salt: 'A'.repeat(22) } };
}
