import { accountFamily } from '../families/account.ts';
import { anchorsFamily } from '../families/anchors.ts';
import { contractFamily } from '../families/contract.ts';
import { checkpointFamily } from '../families/checkpoint.ts';
import { factsFamily } from '../families/facts.ts';
import { frameFamily } from '../families/frame.ts';
import { witnessesFamily } from '../families/witnesses.ts';
import { timeFamily } from '../families/time.ts';
import { historyFamily } from '../families/history.ts';
import { accessFamily } from '../families/access.ts';
import { nonceFamily } from '../families/nonce.ts';
import { startFamily } from '../families/start.ts';
import { freshnessFamily } from '../families/freshness.ts';
import { headersFamily } from '../families/headers.ts';
import { trieFamily } from '../families/trie.ts';
import { rotationFamily } from '../families/rotation.ts';
import { quorumFamily } from '../families/quorum.ts';
import { sealsFamily } from '../families/seals.ts';
import { validatorsFamily } from '../families/validators.ts';
import type { FiledBytes, FiledBases, FiledVector } from '../vector.ts';
import { anchors } from './anchors.ts';
import { byteBases } from './bases.ts';
import type { Draft, Family } from './draft.ts';
import { fileBytes } from './file-bytes.ts';
import { NOW } from '../../support/test-bundles.ts';

const format = 'dewproof-attacks/1';
const families: readonly Family[] = [
  quorumFamily,
  sealsFamily,
  validatorsFamily,
  contractFamily,
  headersFamily,
  trieFamily,
  accountFamily,
  anchorsFamily,
  rotationFamily,
  checkpointFamily,
  factsFamily,
  frameFamily,
  witnessesFamily,
  timeFamily,
  historyFamily,
  accessFamily,
  freshnessFamily,
  nonceFamily,
  startFamily,
];

/** All files, by their names: one a family, and what their vectors name. */
export function makeFiles(): ReadonlyMap<string, unknown> {
  const bases: FiledBases = { format, anchors, bytes: byteBases };
  return new Map<string, unknown>([
    ['bases.json', bases],
    ...families.map(({ family, about, source, drafts }) => {
      const vectors = drafts.map((draft) => fileVector({ source, ...draft }));
      return [`${family}.json`, { format, family, about, vectors }] as const;
    }),
  ]);
}

function fileVector(draft: Draft & { readonly source: string }): FiledVector {
  const {
    name,
    attack,
    source,
    anchor = 'four',
    patch,
    bundle,
    now = NOW,
    nonce,
    toldTime,
    answers,
    offered,
    takes = [],
    start,
    proves,
    ...rest
  } = draft;
  const [expect = '', check] = draft.expect.split('/');
  const common = {
    name,
    attack,
    source,
    expect,
    ...(check !== undefined && { check }),
    anchor: { base: anchor, ...(patch && { patch }) },
  };
  if (offered !== undefined) return { ...common, offered, takes: [...takes] };
  if (nonce !== undefined) {
    const filed = (answers ?? []).map(({ witness, note, batch }) => ({
      witness,
      note: file(note),
      ...(batch && { batch: [...batch] }),
    }));
    return { ...common, nonce, answers: filed, ...(toldTime && { proves: toldTime }) };
  }
  const { lastBlock, versions, call, kept } = rest;
  return {
    ...common,
    bundle: file(bundle ?? new Uint8Array(0)),
    now: now.toString(),
    ...(lastBlock && { lastBlock }),
    ...(versions && { versions }),
    ...(proves && { proves }),
    ...(start && { start: fileStart(start) }),
    ...(call && { call }),
    ...(kept && { kept: kept.map(file) }),
  };
}

function fileStart({ document, profile, ...start }: NonNullable<Draft['start']>) {
  return { ...start, document: file(document), ...(profile && { profile: file(profile) }) };
}

function file(bytes: Uint8Array | FiledBytes): FiledBytes {
  return bytes instanceof Uint8Array ? fileBytes(bytes, byteBases) : bytes;
}
