import { z } from 'zod';
import { DURATION_PATTERN } from '../../core/document/duration.ts';
import { DewproofError } from '../../core/errors.ts';
import { bytes32Field, nameField } from '../../core/fields.ts';

const port = z.int().min(0).max(65535);
const url = z.url({ protocol: /^https?$/ });

/** What a home is for. */
const homeRoles = ['user', 'edge', 'dew', 'witness'] as const;
export type HomeRole = (typeof homeRoles)[number];

const daemonSchema = z.strictObject({
  /** The daemon's data folder, relative to the home. */
  data: z.string().min(1).default('data'),
  host: z.string().min(1).default('127.0.0.1'),
  port: port.optional(),
  /** Port of the broker that the daemon starts itself. */
  mqttPort: port.optional(),
  /** A broker beside the daemon, instead of its own (edge only). */
  mqttUrl: z.url({ protocol: /^mqtts?$/ }).optional(),
  /** Where metrics are served unsigned; nowhere where there is no port. */
  metricsPort: port.optional(),
  metricsHost: z.string().min(1).default('127.0.0.1'),
  /** Names (`host:port`) that callers know it by, beside its own addresses. */
  authorities: z.array(z.string().min(1).max(260)).max(64).default([]),
  /** The dews' brokers, for hints that there is news (edge only). */
  hints: z
    .array(z.url({ protocol: /^mqtts?$/ }))
    .max(16)
    .default([]),
  /** Other edges of its group, which tell it their newest bundles (edge only). */
  peers: z.array(url).max(64).default([]),
  /** The groups that it serves (dew), or the one that it belongs to (edge). */
  groups: z.array(nameField).max(1000).default([]),
});

/** What a witness follows and when it signs; its options go over it. */
const witnessSchema = z.strictObject({
  /** Its own node. */
  node: url.optional(),
  /** How many blocks must stand on one before it is signed. */
  confirmations: z.int().min(0).max(1000).default(12),
  /** The anchors' `staleAfter`: an idle head is signed again every eighth of it. */
  staleAfter: z.string().regex(DURATION_PATTERN, 'expected a duration as in 24h').default('24h'),
  /** How often it looks at its node. */
  every: z.string().regex(DURATION_PATTERN, 'expected a duration as in 1s').default('1s'),
  /** CAIP-2, as eip155:31337; what the node says at the first start where left out. */
  chain: z.string().min(1).max(128).optional(),
  genesis: bytes32Field.optional(),
});

const configSchema = z.strictObject({
  apiVersion: z.literal('dewproof/v1'),
  kind: z.literal('Home'),
  role: z.enum(homeRoles),
  /** The trust anchor's file, relative to the home. */
  anchor: z.string().min(1).default('anchor.json'),
  /** The dew servers to read documents from and upload them to, the first tried first. */
  dews: z.array(url).max(16).default([]),
  /** The node to ask where the anchor names none, since it trusts validators or witnesses. */
  node: url.optional(),
  /** Where the anchor's witnesses answer. */
  witnesses: z
    .array(z.strictObject({ name: z.string().min(1).max(63), url }))
    .max(64)
    .default([]),
  /** The file that holds the key's password, relative to the home; `password` there is taken where it exists. */
  passwordFile: z.string().min(1).optional(),
  daemon: daemonSchema.prefault({}),
  witness: witnessSchema.prefault({}),
});

/** A home's `config.yaml`, with its defaults. */
export type HomeConfig = z.output<typeof configSchema>;
/** A home's `config.yaml` as it is written, without its defaults. */
export type HomeConfigFile = z.input<typeof configSchema>;

/** Parses what a person wrote as `config.yaml`. @throws CONFIG */
export function parseConfig(value: unknown, file: string): HomeConfig {
  const parsed = configSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? 'its top level' : issue.path.join('.');
  throw new DewproofError('CONFIG', `${file}: ${where}: ${issue?.message ?? 'not understood'}; correct the file.`);
}
