import type { DewStatus } from '../../dew/status.ts';
import type { EdgeStatus, ResourceStatus } from '../../edge/status.ts';
import type { WitnessStatus } from '../../witness/status.ts';
import { formatTable, type Column } from '../output/table.ts';
import { visibleText } from '../output/visible-text.ts';

/** A daemon's status for people: who it is, how old what it knows is, and then what it does. */
export function formatStatus(status: EdgeStatus | DewStatus | WitnessStatus): string {
  if (!('kind' in status)) return formatEdgeStatus(status);
  return status.kind === 'dew' ? formatDewStatus(status) : formatWitnessStatus(status);
}

const contradictionColumns: readonly Column<WitnessStatus['contradictions'][number]>[] = [
  { title: 'HEIGHT', of: ({ height }) => height },
  { title: 'SIGNED', of: ({ signedHash }) => signedHash },
  { title: 'THE NODE HAD', of: ({ nodeHash }) => nodeHash },
  { title: 'SEEN', of: ({ seenAt }) => seenAt },
];

function formatWitnessStatus(status: WitnessStatus): string {
  const { name, publicKey, url, chain, signed, nodeHeight, contradictions, trouble } = status;
  const known = chain === null ? 'not known yet' : `${chain.chain}, genesis ${chain.genesis}`;
  const head = signed === null ? 'nothing yet' : `block ${signed.height}, ${signed.ageSeconds} s ago`;
  return sections(
    [
      `witness ${name} ${publicKey}`,
      `serves  ${url}`,
      `chain   ${known}`,
      `signed  ${head}; its node is at ${nodeHeight ?? 'no known height'}`,
      ...(trouble === null ? [] : [`trouble ${trouble.code}: ${trouble.message}`]),
    ],
    contradictions.length === 0 ? '' : formatTable({ rows: contradictions, columns: contradictionColumns }),
  );
}

const resourceColumns: readonly Column<ResourceStatus>[] = [
  { title: 'NAME', of: ({ name }) => name },
  { title: 'STATE', of: ({ state }) => state },
  { title: 'VERSION', of: ({ version }) => version?.toString() ?? '' },
  { title: 'NEXT', of: ({ next }) => (next === null ? '' : `${next.version} ${next.state}`) },
  { title: 'ROLLOUT', of: ({ rollout }) => (rollout === null ? '' : showRollout(rollout)) },
  { title: 'PROOF', of: ({ freshness }) => freshness },
  { title: 'HEALTH', of: ({ health }) => health?.status ?? '' },
  { title: 'WAITS FOR', of: ({ waitsFor }) => waitsFor.join(',') },
  { title: 'READINGS', of: ({ readings }) => readings.toString() },
  { title: 'LAST REFUSAL', of: ({ lastRefusal, stopped }) => stopped ?? lastRefusal?.code ?? '' },
];

/** What a rollout order has this device do. */
function showRollout({ stance, fallback, returned }: NonNullable<ResourceStatus['rollout']>): string {
  if (fallback !== null) return `on probation, else ${fallback}`;
  if (returned !== null) return `went back: ${returned.code ?? returned.reason}`;
  return stance === 'hold' ? 'held back' : stance === 'try' ? 'canary' : '';
}

const refusalColumns: readonly Column<EdgeStatus['refusals'][number]>[] = [
  { title: 'REFUSED', of: ({ code }) => code },
  { title: 'ABOUT', of: ({ about }) => about },
  { title: 'TIMES', of: ({ count }) => count.toString() },
  { title: 'LAST', of: ({ at }) => at },
  { title: 'WHY', of: ({ message }) => message },
];

function formatEdgeStatus(status: EdgeStatus): string {
  const { account, tenant, group, agent, head, url, mqttUrl, links, resources, receipts, refusals, trust } = status;
  const code = 'code' in agent && agent.code !== undefined ? ` (${agent.code})` : '';
  return sections(
    [
      `edge    ${account} of ${tenant}/${group}, ${agent.phase}${code}`,
      `serves  ${url}, sensors at ${mqttUrl}`,
      `ledger  ${head === null ? 'nothing is known of it yet' : showHead(head)}`,
      ...showTrust(trust),
      `clock   ${showClock(status.clock)}`,
      `links   ${links.length === 0 ? 'none' : links.map(showLink).join(', ')}`,
      `told    ${showReceipts(receipts)}`,
    ],
    resources.length === 0 ? '' : formatTable({ rows: resources, columns: resourceColumns }),
    refusals.length === 0 ? '' : formatTable({ rows: refusals, columns: refusalColumns }),
  );
}

function showTrust({
  trusts,
  anchorVersion,
  missingAnchor,
  vouched,
  freshness,
  proofCrypto,
  unasked,
  split,
}: EdgeStatus['trust']): readonly string[] {
  const by = vouched === null ? '' : showVouched(vouched, anchorVersion);
  const known = [by, vouched === null ? '' : (freshness ?? ''), proofCrypto ?? ''].filter((part) => part !== '');
  return [
    `trusts  ${[`${trusts} (anchor ${anchorVersion})`, ...known].join('; ')}`,
    ...(missingAnchor === null
      ? []
      : [
          `ANCHOR  version ${missingAnchor} was in use and the disk lost it, ${anchorVersion} is: nothing new is believed before it is back (\`dewproof anchor import\`)`,
        ]),
    ...(unasked.length === 0
      ? []
      : [
          `time    can't be asked of ${unasked.join(', ')}: name a dew under \`dews:\` of config.yaml, or them under \`witnesses:\`, and start it anew`,
        ]),
    ...(split === null ? [] : [`SPLIT   two blocks ${split.height} were vouched for: ${split.hashes.join(' and ')}`]),
  ];
}

function showVouched(
  { signers, members, ageSeconds, anchorVersion }: NonNullable<EdgeStatus['trust']['vouched']>,
  current: number,
): string {
  const former = anchorVersion === current ? '' : `, by the former anchor ${anchorVersion}`;
  return `${signers.length} of ${members} vouched ${ageSeconds} s ago${former}`;
}

function showClock({ host, device, credible, why, told }: EdgeStatus['clock']): string {
  return credible
    ? `right as far as is known (${host})${told ? ', as witnesses told' : ''}`
    : `not believed: it says ${host}, ${why}; it is ${device} or later`;
}

function showLink({ kind, name, isUp }: EdgeStatus['links'][number]): string {
  return `${kind} ${name}${isUp ? '' : ' (down)'}`;
}

function formatDewStatus(status: DewStatus): string {
  const { account, tenant, url, mqttUrl, ledger, groups, receipts, trusts, anchorVersion, newerAnchor } = status;
  const { height, ageSeconds, trouble } = ledger;
  const known =
    height === null || ageSeconds === null ? 'nothing is known of it yet' : showHead({ height, ageSeconds });
  const devices = groups.flatMap(({ name, devices: placed }) => placed.map((device) => ({ group: name, ...device })));
  const lacking = groups.flatMap(({ name, unplaced, undecided }) => [
    ...unplaced.map(({ resource, reason }) => ({ group: name, resource, reason })),
    ...undecided.map((resource) => ({ group: name, resource, reason: 'not-uploaded' })),
  ]);
  return sections(
    [
      `dew     ${account} of ${tenant}, for ${groups.map(({ name }) => name).join(', ')}`,
      `serves  ${url}, hints at ${mqttUrl}`,
      `ledger  ${known}${trouble === null ? '' : `; ${trouble.code}: ${trouble.message}`}`,
      `trusts  ${trusts} (anchor ${anchorVersion})`,
      ...(newerAnchor === null
        ? []
        : [`ANCHOR  ${showLack(newerAnchor, anchorVersion)}; ${newerAnchor.code}: ${newerAnchor.message}`]),
      `proves  ${showBundles(status.bundles)}`,
      ...status.witnesses.map(({ name, code, message }) => `WITNESS ${name} is of no use; ${code}: ${message}`),
      `told    ${showKept(receipts)}`,
    ],
    devices.length === 0 ? '' : formatTable({ rows: devices, columns: deviceColumns }),
    lacking.length === 0 ? '' : formatTable({ rows: lacking, columns: lackingColumns }),
  );
}

/** Of the one in use it is what came into config.yaml since that can't be gone by. */
function showLack({ version }: { readonly version: number }, inUse: number): string {
  return version === inUse
    ? `version ${version} is gone by as config.yaml was before: it tries what stands there now again by itself`
    : `version ${version} is here, and it can't go by it yet: it tries again by itself`;
}

function showBundles(bundles: DewStatus['bundles']): string {
  if (bundles === null) return 'nothing: the anchor trusts a node';
  const { groups, trouble, unasked, failing } = bundles;
  const made = groups.map(
    ({ name, height, ageSeconds, isFormer }) =>
      `${name} as of ${showHead({ height, ageSeconds })}${isFormer ? ' by a former anchor' : ''}`,
  );
  const known = made.length === 0 ? 'nothing yet' : made.join(', ');
  const unknown =
    unasked.length === 0 ? '' : `; not asked: ${unasked.join(', ')} (name their URLs under witnesses in config.yaml)`;
  const behind = failing
    .map(({ name, code, message }) => `; ${name} can't be proved now, ${code}: ${message}`)
    .join('');
  // Where it is that of one group, it is said already.
  const isSaid = trouble === null || failing.some(({ message }) => message === trouble.message);
  return `${known}${unknown}${behind}${isSaid ? '' : `; ${trouble.code}: ${trouble.message}`}`;
}

const deviceColumns: readonly Column<{ group: string; account: string; resources: readonly string[] }>[] = [
  { title: 'GROUP', of: ({ group }) => group },
  { title: 'DEVICE', of: ({ account }) => account },
  { title: 'RESOURCES', of: ({ resources }) => resources.join(',') },
];

const lackingColumns: readonly Column<{ group: string; resource: string; reason: string }>[] = [
  { title: 'GROUP', of: ({ group }) => group },
  { title: 'PLACED NOWHERE', of: ({ resource }) => resource },
  { title: 'WHY', of: ({ reason }) => reason },
];

function showHead({ height, ageSeconds }: { readonly height: number | string; readonly ageSeconds: number }): string {
  return `block ${height}, ${ageSeconds} s old`;
}

function showReceipts({ kept, unsent, waiting, lost, trouble }: EdgeStatus['receipts']): string {
  const parts = [`${kept} receipts`, `${unsent} to be sent`];
  if (waiting > 0) parts.push(`${waiting} not on disk yet${trouble === null ? '' : ` (${trouble})`}`);
  if (lost > 0) parts.push(`${lost} lost`);
  return parts.join(', ');
}

function showKept({ kept, pending, conflicts, anchoring }: DewStatus['receipts']): string {
  const parts = [`${kept} receipts of devices`, `${pending} not anchored`];
  if (conflicts > 0) parts.push(`${conflicts} of devices that signed two histories`);
  if (!anchoring.enabled) parts.push('anchoring is off (--anchor-receipts)');
  const { trouble } = anchoring;
  return `${parts.join(', ')}${trouble === null ? '' : `; ${trouble.code}: ${trouble.message}`}`;
}

function sections(lines: readonly string[], ...tables: readonly string[]): string {
  const head = lines.map((line) => `${visibleText(line)}\n`).join('');
  return [head, ...tables.filter((table) => table !== '')].join('\n');
}
