import { openEvmLedger } from '../../chain/evm/evm-ledger.ts';
import type { Account } from '../../core/account.ts';
import type { Ledger } from '../../core/ledger/ledger.ts';
import { exitCodes } from '../../core/exit-codes.ts';
import type { Finality } from '../../core/state/finality.ts';
import { checkDewLedger } from '../doctor/check-dew-ledger.ts';
import { checkDeviceClock } from '../doctor/check-device-clock.ts';
import { checkKey, checkPassword } from '../doctor/check-home.ts';
import { checkClock, checkEnrolment, checkIdentity } from '../doctor/check-ledger.ts';
import { checkDisk, checkLinks, checkNode } from '../doctor/check-machine.ts';
import { checkDaemon, checkDew, checkNamed, checkWitness } from '../doctor/check-neighbours.ts';
import { askEdge, checkAnchor, checkTime } from '../doctor/check-trust.ts';
import { examine, obtain, ok, warning, type Finding } from '../doctor/finding.ts';
import { readLinks } from '../../edge/network/read-links.ts';
import type { HomeConfig, HomeRole } from '../home/config.ts';
import { openHome, type Home } from '../home/open-home.ts';
import { readAnchor } from '../home/read-anchor.ts';
import { askNode } from '../ledger/ask-node.ts';
import type { GlobalOptions } from '../options.ts';
import { printRows } from '../output/print.ts';
import type { Column } from '../output/table.ts';

const columns: readonly Column<Finding>[] = [
  { title: 'VERDICT', of: ({ verdict }) => verdict },
  { title: 'CHECK', of: ({ check }) => check },
  { title: 'DETAIL', of: ({ detail }) => detail },
  { title: 'REMEDY', of: ({ remedy }) => remedy ?? '' },
];

/** Prints what every check found; exit code 1 where any failed. What a check needs and is not there, it is not run. */
export async function runDoctor(options: GlobalOptions): Promise<void> {
  const links = await examine('links', async () => checkLinks(await readLinks()));
  const rows = [checkNode(process.version), links, ...(await examineHome(options))];
  await printRows({ rows, columns, format: options.output });
  if (rows.some(({ verdict }) => verdict === 'fail')) process.exitCode = exitCodes.failure;
}

async function examineHome(options: GlobalOptions): Promise<readonly Finding[]> {
  const { finding, value: home } = await obtain('config', async () => {
    const value = await openHome(options.home);
    return { finding: ok('config', `${value.folder}, role ${value.config.role}`), value };
  });
  if (home === undefined) return [finding];
  if (home.config.role === 'witness') return [finding, ...(await examineWitness(home))];
  const { findings, account } = await examineKey(home, options);
  return [
    finding,
    ...findings,
    ...(await examineLedger(home, account)),
    ...checkNamed(home.config),
    ...(await Promise.all(home.config.dews.map((url) => examine('dew', () => checkDew(url))))),
    ...(await Promise.all(home.config.witnesses.map(examineAskedWitness))),
    ...(await examineDaemon(home)),
    await examine('disk', () => checkDisk(home.folder)),
  ];
}

/** One that is away fails nothing: a quorum is enough. */
async function examineAskedWitness(witness: HomeConfig['witnesses'][number]): Promise<Finding> {
  const { verdict, detail, remedy = '' } = await examine('witness', () => checkWitness(witness));
  return verdict === 'ok' ? ok('witness', detail) : warning('witness', { detail, remedy });
}

/** A witness has a key of another kind, and neither an anchor nor an account. */
async function examineWitness(home: Home): Promise<readonly Finding[]> {
  return [
    await examine('key', () => checkKey({ keystoreFile: home.witnessKeyFile })),
    ...(await examineDaemon(home)),
    await examine('disk', () => checkDisk(home.folder)),
  ];
}

async function examineDaemon(home: Home): Promise<readonly Finding[]> {
  const { finding, value } = await obtain('daemon', async () => {
    const findings = await checkDaemon(home);
    return { finding: ok('daemon', 'none is expected'), value: findings };
  });
  return value ?? [finding];
}

async function examineKey(home: Home, options: GlobalOptions) {
  const key = await examine('key', () => checkKey(home));
  if (key.verdict === 'fail') return { findings: [key], account: undefined };
  const { finding, value } = await obtain('password', () => checkPassword(home, options));
  return { findings: [key, finding], account: value?.account };
}

async function examineLedger(home: Home, account: Account | undefined): Promise<readonly Finding[]> {
  const { trust, clock } = (await askEdge(home)) ?? {};
  const { finding, value: anchor } = await obtain('anchor', async () => {
    const value = await readAnchor(home.anchorFile);
    return { finding: checkAnchor(value, { home, trust }), value };
  });
  if (anchor === undefined) return [finding];
  const trusted = [finding, ...checkTime(anchor, { home, trust }), ...checkDeviceClock(clock)];
  if (isToldByProofs(trust?.finality ?? anchor.finality.kind, home)) {
    return [...trusted, ok('ledger', 'proofs tell of it: no node is asked')];
  }
  const followed = anchor.finality.kind === 'rpc' ? undefined : await checkDewLedger(home);
  if (followed !== undefined) return [...trusted, followed];
  const { finding: unopened, value: ledger } = await obtain('ledger', async () => {
    return { finding: ok('ledger', 'opened'), value: await openEvmLedger({ anchor: askNode(anchor, home.config) }) };
  });
  if (ledger === undefined) return [...trusted, unopened];
  try {
    return [...trusted, ...(await examineOpened(ledger, { account, role: home.config.role }))];
  } finally {
    await ledger.close();
  }
}

/** An edge needs no node then; one that is named can be asked nevertheless. */
function isToldByProofs(kind: Finality['kind'], { config }: Home): boolean {
  return kind !== 'rpc' && config.role === 'edge' && config.node === undefined;
}

async function examineOpened(
  ledger: Ledger,
  { account, role }: { readonly account: Account | undefined; readonly role: HomeRole },
): Promise<readonly Finding[]> {
  const identity = await examine('ledger', () => checkIdentity(ledger));
  if (identity.verdict === 'fail') return [identity];
  const now = BigInt(Math.floor(Date.now() / 1000));
  const clock = await examine('clock', () => checkClock(ledger, now));
  if (account === undefined) return [identity, clock];
  return [identity, clock, await examine('account', () => checkEnrolment(ledger, { account, role }))];
}
