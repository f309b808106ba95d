import { readFileSync } from 'node:fs';
import { documentJsonSchema } from '../../core/document/json-schema.ts';
import { descriptions, isTold, keyOf } from './descriptions.ts';
import { walkSchema, type Field } from './walk-schema.ts';

/** The examples of the reference, in the order of its sections: each file is a document that can be applied. */
export const sections: readonly {
  readonly title: string;
  readonly files: readonly string[];
  readonly covers: RegExp;
}[] = [
  { title: 'Head', files: ['head.yaml'], covers: /^(?:apiVersion|kind|metadata|spec$|spec\.(?:version|salt|group)$)/ },
  { title: 'Runtime', files: ['runtime.yaml'], covers: /^spec\.runtime/ },
  { title: 'Store', files: ['store.yaml'], covers: /^spec\.store/ },
  { title: 'Inputs', files: ['inputs.yaml', 'bluetooth.yaml'], covers: /^spec\.inputs/ },
  { title: 'Views', files: ['views.yaml'], covers: /^spec\.views/ },
  { title: 'Actions', files: ['actions.yaml'], covers: /^spec\.actions/ },
  { title: 'Rules', files: ['rules.yaml'], covers: /^spec\.rules/ },
  { title: 'Placement', files: ['placement.yaml'], covers: /^spec\.(?:network|replicas|requires|placement|exclusive)/ },
  {
    title: 'Life',
    files: ['life.yaml'],
    covers: /^spec\.(?:onDisconnect|restart|health|secrets|outbound)/,
  },
  { title: 'Device profiles', files: ['profile.yaml'], covers: /^spec\.(?:labels|links|capacity|url|bindings)/ },
];

/** Where the examples of the reference are. */
export const examplesFolder = new URL('../../examples/reference/', import.meta.url);

/** All fields of the document. */
export function fieldsOfDocument(): readonly Field[] {
  return walkSchema(documentJsonSchema(), isTold);
}

/** The reference of the document, as Markdown. @throws TypeError (a field without a section or a description) */
export function renderReference(): string {
  const fields = fieldsOfDocument();
  const homeless = fields.filter(({ path }) => !sections.some(({ covers }) => covers.test(path)));
  if (homeless.length > 0) throw new TypeError(`No section covers ${homeless.map(({ path }) => path).join(', ')}`);
  const parts = sections.map(({ title, files, covers }) => {
    const rows = fields.filter(({ path }) => covers.test(path)).map(rowOf);
    const examples = files.map((file) => readFileSync(new URL(file, examplesFolder), 'utf8').trim());
    const blocks = examples.map((example) => `\`\`\`yaml\n${example}\n\`\`\`\n`).join('\n');
    const table = ['| field | takes | left out | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
    return `## ${title}\n\n${table}\n\n${blocks}`;
  });
  return `${head}\n${parts.join('\n')}`;
}

const head = `<!-- Generated from the schema by scripts/generate-reference.ts; do not edit. -->

# The document

What a virtual resource or a device profile is, field by field, generated from the schema that checks it. Durations are whole numbers with
\`ms\`, \`s\`, \`m\`, \`h\` or \`d\`. Whatever is not named here is refused, so is a value out of bounds: \`SCHEMA\` says where. What a document names is all
that its resource can reach. The examples stand in [examples/reference](../examples/reference); a test runs each on a device.
`;

function rowOf({ path, type, default: byDefault, isRequired }: Field): string {
  const description = descriptions[keyOf(path)];
  if (description === undefined) throw new TypeError(`No description of ${path}`);
  const absent = isRequired ? 'required' : byDefault === undefined ? '' : `\`${byDefault}\``;
  const cells = [`\`${path}\``, type, absent, description].map((cell) => cell.replaceAll('|', '\\|'));
  return `| ${cells.join(' | ')} |`;
}
