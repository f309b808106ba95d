import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKeystore } from '../../chain/evm/keystore.ts';
import type { Account } from '../../core/account.ts';
import { runDewproof, type Run } from '../cli/run-dewproof.ts';
import { devAccount } from '../support/nodes.ts';

/** The tenant's people, in the order of the development mnemonic's accounts. */
const people = ['publisher', 'approver', 'second', 'stranger'] as const;
type Person = (typeof people)[number];

/** A tenant on a development node, with a home for each of its people. */
export interface CliTenant {
  readonly folder: string;
  /** Runs `dewproof` with a person's (or a further) home. */
  run(home: string, ...words: readonly string[]): Promise<Run>;
  /** As `run`, answering what `-o json` printed. @throws where it fails */
  json(home: string, ...words: readonly string[]): Promise<unknown>;
  homeOf(home: string): string;
  account(person: Person): Account;
  /** Writes a file beside the homes and answers its path. */
  file(name: string, content: string): string;
  setDews(urls: readonly string[]): void;
  remove(): void;
}

const yaml = (dews: readonly string[]) =>
  `apiVersion: dewproof/v1\nkind: Home\nrole: user\ndews: ${JSON.stringify(dews)}\n`;

/** Makes homes for all people and deploys the tenant `greenfields` with `dewproof tenant create`; two must approve. */
export async function createCliTenant({ url }: { readonly url: string }): Promise<CliTenant> {
  const folder = mkdtempSync(join(tmpdir(), 'dewproof-e2e-'));
  const homeOf = (home: string) => join(folder, home);
  const account = (person: Person) => devAccount(people.indexOf(person)).account;
  const run = (home: string, ...words: readonly string[]) => runDewproof(['--home', homeOf(home), ...words]);
  for (const person of people) await makeHome(homeOf(person), people.indexOf(person));
  const roles = {
    publisher: ['publisher', 'registrar', 'policy-admin', 'revoker'],
    approver: ['approver', 'admin'],
    second: ['approver', 'guardian'],
    stranger: [],
  } satisfies Record<Person, string[]>;
  const options = people.flatMap((person) => roles[person].flatMap((role) => [`--${role}`, account(person)]));
  const words = [
    'tenant',
    'create',
    'greenfields',
    '--url',
    url,
    '--threshold',
    '2',
    '--admin-delay',
    '0s',
    ...options,
  ];
  const created = await run('publisher', ...words);
  if (created.exitCode !== 0) throw new Error(created.stderr);
  for (const person of people.slice(1))
    cpSync(join(homeOf('publisher'), 'anchor.json'), join(homeOf(person), 'anchor.json'));
  return {
    folder,
    run,
    json: async (home, ...more) => {
      const { exitCode, stdout, stderr } = await run(home, ...more, '-o', 'json');
      if (exitCode !== 0) throw new Error(`dewproof ${more.join(' ')}: ${stderr}`);
      return JSON.parse(stdout) as unknown;
    },
    homeOf,
    account,
    file: (name, content) => {
      const path = join(folder, name);
      writeFileSync(path, content);
      return path;
    },
    setDews: (urls) => {
      for (const person of people) writeFileSync(join(homeOf(person), 'config.yaml'), yaml(urls));
    },
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function makeHome(folder: string, index: number): Promise<void> {
  mkdirSync(folder);
  const { privateKey } = devAccount(index);
  const { json } = await createKeystore({ password: 'right', privateKey });
  writeFileSync(join(folder, 'keystore.json'), json, { mode: 0o600 });
  writeFileSync(join(folder, 'password'), 'right\n', { mode: 0o600 });
  writeFileSync(join(folder, 'config.yaml'), yaml([]));
}

/** A home's anchor with another node's address, as a user would edit it. */
export function setNode(home: string, url: string): void {
  const file = join(home, 'anchor.json');
  const anchor = JSON.parse(readFileSync(file, 'utf8')) as { finality: { url: string } };
  anchor.finality.url = url;
  writeFileSync(file, JSON.stringify(anchor));
}
