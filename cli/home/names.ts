import { z } from 'zod';
import { DewproofError } from '../../core/errors.ts';
import { nameField } from '../../core/fields.ts';
import { ANYONE, ANY_RESOURCE, groupIdOf, resourceIdOf, roleIdOf, type Name, type SubjectId } from '../../core/ids.ts';
import type { Bytes32 } from '../../core/digest.ts';
import { namedKinds, type NamedKind } from './named-kinds.ts';
import { readCapped } from './read-capped.ts';
import { writeDurably } from './write-durably.ts';

const MAX_NAMES_BYTES = 4_194_304;

/** Turns a tenant's ids back into the names that this home has met; an id it has not met stays an id. */
export interface Names {
  readonly tenant: Name;
  /** Adds a name met in a document, an answer or an option; a wrong one is harmless, since its id matches nothing. */
  learn(kind: NamedKind, name: Name): void;
  /** The name, or a shortened id for people where there is none. */
  show(kind: NamedKind, id: Bytes32): string;
  /** The name, or undefined: for output that programs read. */
  find(kind: NamedKind, id: Bytes32): Name | undefined;
  /** All names of a kind that were met. */
  known(kind: NamedKind): readonly Name[];
  /** Remembers on disk what was learnt, where anything was. */
  save(): Promise<void>;
}

const idOf = { resource: resourceIdOf, group: groupIdOf, role: roleIdOf } as const;

const nameList = z.array(nameField).default([]);
const namesSchema = z.strictObject({ resource: nameList, group: nameList, role: nameList });

/** Opens the names that the home has met so far. @throws CONFIG */
export async function openNames({ file, tenant }: { readonly file: string; readonly tenant: Name }): Promise<Names> {
  const known = new Map<string, Name>();
  const learn = (kind: NamedKind, name: Name): boolean => {
    const key = `${kind}/${idOf[kind]({ tenant, name })}`;
    if (known.has(key)) return false;
    known.set(key, name);
    return true;
  };
  const stored = await readNames(file);
  for (const kind of namedKinds) for (const name of stored[kind]) learn(kind, name);
  const namesOf = (kind: NamedKind) => [...known].filter(([key]) => key.startsWith(`${kind}/`)).map(([, name]) => name);
  let changed = false;
  const find = (kind: NamedKind, id: Bytes32) => known.get(`${kind}/${id}`);
  return {
    tenant,
    learn: (kind, name) => {
      changed = learn(kind, name) || changed;
    },
    find,
    known: namesOf,
    show: (kind, id) => (kind === 'resource' && id === ANY_RESOURCE ? 'any' : (find(kind, id) ?? shortId(id))),
    save: async () => {
      if (changed) await writeDurably(file, formatNames(namesOf), { replace: true, mode: 0o600 });
      changed = false;
    },
  };
}

/** A grant's subject in words: `anyone`, an account, or a role. */
export function showSubject(subject: SubjectId, names: Names): string {
  if (subject === ANYONE) return 'anyone';
  if (/^0x0{24}/.test(subject)) return `0x${subject.slice(26)}`;
  return `role/${names.show('role', subject)}`;
}

/** The first 8 digits of an id, enough to tell apart what stands in one table. */
function shortId(id: Bytes32): string {
  return `${id.slice(0, 10)}…`;
}

function formatNames(namesOf: Names['known']): string {
  const sorted = Object.fromEntries(namedKinds.map((kind) => [kind, namesOf(kind).toSorted()]));
  return `${JSON.stringify(sorted, undefined, 2)}\n`;
}

async function readNames(file: string): Promise<z.output<typeof namesSchema>> {
  try {
    const bytes = await readCapped(file, { maxBytes: MAX_NAMES_BYTES, tooLarge: 'CONFIG' });
    return namesSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { resource: [], group: [], role: [] };
    if (error instanceof DewproofError || error instanceof SyntaxError || error instanceof z.ZodError) {
      throw new DewproofError('CONFIG', `${file} is damaged; remove it, names are learnt again.`, { cause: error });
    }
    throw error;
  }
}
