import { Parser, parseDocument as composeYaml } from 'yaml';
import { DewproofError } from '../errors.ts';
import { MAX_DOCUMENT_BYTES } from './limits.ts';
import { printable } from './printable.ts';
import { schemaError } from './schema-error.ts';
import { documentDraftSchema, type DocumentDraft } from './schema.ts';
import { verifyPlainYaml } from './verify-plain-yaml.ts';
import { verifyShape } from './verify-shape.ts';

/**
 * Parses a document as a person writes it: plain YAML (`parsePlainYaml`) of the schema; version and salt may be left
 * out.
 * @throws ENDLESS_DATA, TOO_DEEP, SCHEMA
 */
export function parseYamlDocument(text: string): DocumentDraft {
  return parseDraft(parsePlainYaml(text));
}

/**
 * Parses YAML 1.2 (of which JSON is a part) without aliases, anchors, tags, directives, duplicate keys or further
 * documents, within the bounds of a document.
 * @throws ENDLESS_DATA, TOO_DEEP, SCHEMA
 */
export function parsePlainYaml(text: string): unknown {
  if (text.length > MAX_DOCUMENT_BYTES || Buffer.byteLength(text) > MAX_DOCUMENT_BYTES) {
    throw new DewproofError('ENDLESS_DATA', `A document has at most ${MAX_DOCUMENT_BYTES} bytes; split it.`);
  }
  const value = parseYaml(text);
  verifyShape(value);
  return value;
}

/** Checks what a person wrote against the schema. @throws SCHEMA */
export function parseDraft(value: unknown): DocumentDraft {
  const parsed = documentDraftSchema.safeParse(value);
  if (!parsed.success) throw schemaError('document', parsed.error);
  return parsed.data;
}

/** The syntax first, since composing nodes recurses and would follow aliases: `Parser` does neither. */
function parseYaml(text: string): unknown {
  verifyPlainYaml([...new Parser().parse(text)]);
  const composed = composeYaml(text, { schema: 'core', stringKeys: true, uniqueKeys: true, prettyErrors: true });
  const [problem] = [...composed.errors, ...composed.warnings];
  if (problem === undefined) return composed.toJS({ maxAliasCount: 0 });
  throw new DewproofError(
    'SCHEMA',
    `The document is not plain YAML: ${printable(firstLine(problem.message))}; correct it there.`,
    {
      cause: problem,
    },
  );
}

/** Where and what, without the colon that leads to an excerpt of the text. */
function firstLine(message: string): string {
  return message.split('\n', 1).join('').replace(/:$/, '');
}
