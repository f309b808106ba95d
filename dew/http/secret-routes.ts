import type { RequestHandler, Response } from 'express';
import { parseAccount, type Account } from '../../core/account.ts';
import { DewproofError, hasCode } from '../../core/errors.ts';
import { parseName, resourceIdOf, type GroupId, type ResourceId } from '../../core/ids.ts';
import type { DeviceRecord } from '../../core/ledger/records.ts';
import { digestOfStatement, statementOf, type SecretNames } from '../../core/secrets/secret-record.ts';
import {
  deviceKeySchema,
  MAX_KEY_BYTES,
  MAX_LISTED_SECRETS,
  MAX_SECRET_UPLOAD_BYTES,
  parseSecretJson,
  secretUploadSchema,
  type SecretDescription,
  type SecretUpload,
} from '../../core/wire/secrets.ts';
import type { SendHint } from '../hint-broker.ts';
import { createTurns } from '../../platform/create-turns.ts';
import type { Api } from '../../platform/http/api.ts';
import { callOf } from '../../platform/http/authenticate.ts';
import type { KeyStore } from '../secrets/key-store.ts';
import { lackingOf, planDeviceSecrets } from '../secrets/plan-device-secrets.ts';
import type { SecretEntry, SecretStore } from '../secrets/secret-store.ts';
import { verifySecretUpload } from '../secrets/verify-secret-upload.ts';
import { isReviewer, mayManage, mayNotLook, verifyDevice, type CallerQuestion } from '../verify-caller.ts';
import { offerOf, type DewRoutesDeps } from './dew-routes.ts';
import { operations } from './operations.ts';
import { callerOf, parameter } from './parameters.ts';

const CATCH_UP_MS = 5_000;

/** What the routes of secrets stand on; `hint` tells a group's devices to look again. */
export interface DewSecrets {
  readonly store: SecretStore;
  readonly keys: KeyStore;
  readonly groups: ReadonlySet<GroupId>;
  readonly hint: SendHint;
}

type Deps = DewRoutesDeps & { readonly secrets: DewSecrets };

/** Adds the routes of sealed secrets and of devices' public keys: nothing that passes here can be opened here. */
export function addSecretRoutes(
  api: Api,
  {
    deps,
    bodyless,
    receiving,
  }: { deps: Deps; bodyless: RequestHandler; receiving: (maxBytes: number) => RequestHandler },
): void {
  const [upload, key] = [receiving(MAX_SECRET_UPLOAD_BYTES), receiving(MAX_KEY_BYTES)];
  api.get('/v1/secrets', operations.listSecrets, bodyless, answerList(deps));
  api.get('/v1/secrets/:tenant/:resource/:name', operations.getSecret, bodyless, answerSecret(deps));
  api.put('/v1/secrets/:tenant/:resource/:name', operations.putSecret, upload, receiveSecret(deps));
  api.delete('/v1/secrets/:tenant/:resource/:name/copy', operations.dropCopy, bodyless, dropCopy(deps));
  api.get('/v1/devices/:account/key', operations.getKey, bodyless, answerKey(deps));
  api.put('/v1/devices/:account/key', operations.putKey, key, receiveKey(deps));
  api.get('/v1/devices/:account/secrets', operations.deviceSecrets, bodyless, answerDeviceSecrets(deps));
}

/** `GET /v1/secrets`: names, versions and whom they are sealed for; reviewers all, managers of what they manage. */
function answerList(deps: Deps): RequestHandler {
  return (_request, response) => {
    const caller = askerOf(response, deps);
    const mine = deps.secrets.store.list().filter((entry) => mayDescribe(entry.resource, caller));
    if (mine.length === 0 && !isReviewer(caller) && !managesAny(caller)) throw mayNotLook(caller);
    const secrets = mine.slice(0, MAX_LISTED_SECRETS).map((entry) => describe(entry, { caller, deps }));
    response.set('Cache-Control', 'no-store').json({ secrets });
  };
}

/** `GET /v1/secrets/{tenant}/{resource}/{name}`: a device its own copy, a manager or reviewer who has one. */
function answerSecret(deps: Deps): RequestHandler {
  return async (request, response) => {
    const names = namesIn(request.params);
    const caller = askerOf(response, deps);
    const entry = deps.secrets.store.get(names);
    response.set('Cache-Control', 'no-store');
    if (mayDescribe(idOf(names), caller)) {
      if (entry === undefined) throw notHere();
      response.json(describe(entry, { caller, deps }));
      return;
    }
    const device = verifyDevice(caller);
    // One answer for what is not there and for what is another group's.
    if (entry === undefined || !isForDevice(entry, { device, caller })) throw notHere();
    const envelope = (await deps.secrets.store.copyFor(names, device.account)) ?? null;
    response.json({ record: entry.record, envelope });
  };
}

/** `PUT /v1/secrets/{tenant}/{resource}/{name}`: a manager's record with sealed copies, or an edge's further copies. */
function receiveSecret(deps: Deps): RequestHandler {
  // What one upload is held against, the one before it wrote.
  const inTurn = createTurns();
  return async (request, response) => {
    const asked = namesIn(request.params);
    const { body } = callOf(response);
    const { store, groups, hint } = deps.secrets;
    const upload = parseSecretJson(body, { schema: secretUploadSchema, what: "secret's record with copies" });
    const verify = () => {
      const { known } = offerOf(deps);
      return verifySecretUpload({ upload, asked, caller: askerOf(response, deps), known, groups, store }, deps);
    };
    await verifyCaughtUp(verify, deps);
    const { copies, isNew } = await inTurn(async () => {
      const copies = verify();
      if (!isNews(upload, { copies, store })) return { copies, isNew: false };
      await store.put(upload.record, { copies, by: callerAccount(response) });
      return { copies, isNew: true };
    });
    // A device that sends the same again and again must not have all others look each time.
    if (isNew) for (const group of groups) hint(group, { about: 'assignments' });
    response.json({ kept: copies.map(({ recipient }) => recipient) });
  };
}

/** `DELETE …/copy`: a device can't use its copy; whoever sealed it on is not asked for it again. */
function dropCopy(deps: Deps): RequestHandler {
  return async (request, response) => {
    const names = namesIn(request.params);
    const device = verifyDevice(askerOf(response, deps));
    await deps.secrets.store.dropCopy(names, device.account);
    deps.secrets.hint(device.group, { about: 'assignments' });
    response.status(204).end();
  };
}

/** `GET /v1/devices/{account}/key`: for those who seal: reviewers, managers, and devices of the same group. */
function answerKey(deps: Deps): RequestHandler {
  return (request, response) => {
    const account = parseAccount(parameter(request, 'account'));
    const caller = askerOf(response, deps);
    if (!isReviewer(caller) && !managesAny(caller)) {
      const { group } = verifyDevice(caller);
      if (caller.state.devices.get(account)?.group !== group) throw mayNotLook(caller);
    }
    const publicKey = deps.secrets.keys.get(account);
    if (publicKey === undefined) throw new DewproofError('NOT_FOUND', `${account} has not told this dew its key yet.`);
    response.set('Cache-Control', 'no-store').json({ publicKey });
  };
}

/** `PUT /v1/devices/{account}/key`: a device tells its own. */
function receiveKey(deps: Deps): RequestHandler {
  return async (request, response) => {
    const account = parseAccount(parameter(request, 'account'));
    const device = verifySelf(account, response, deps);
    const { publicKey } = parseSecretJson(callOf(response).body, { schema: deviceKeySchema, what: 'public key' });
    const isNew = deps.secrets.keys.get(account) === undefined;
    await deps.secrets.keys.put(account, publicKey);
    // Whoever holds a secret that it lacks can seal it on now.
    if (isNew) deps.secrets.hint(device.group, { about: 'assignments' });
    response.status(204).end();
  };
}

/** `GET /v1/devices/{account}/secrets`: what that very device has to do with secrets. */
function answerDeviceSecrets(deps: Deps): RequestHandler {
  return (request, response) => {
    const device = verifySelf(parseAccount(parameter(request, 'account')), response, deps);
    const { state, now } = askerOf(response, deps);
    response.set('Cache-Control', 'no-store').json(planDeviceSecrets({ ...deps.secrets, device, state, now }));
  };
}

/** The grant of a moment ago may not have reached this dew: it looks once more before it says no. */
async function verifyCaughtUp(verify: () => unknown, deps: Deps): Promise<void> {
  try {
    verify();
  } catch (error) {
    if (!hasCode(error, 'FORBIDDEN', 'NOT_APPROVED')) throw error;
    await deps.follower.catchUp(CATCH_UP_MS);
    verify();
  }
}

function isNews(
  { record }: SecretUpload,
  { copies, store }: { readonly copies: readonly unknown[]; readonly store: SecretStore },
): boolean {
  return copies.length > 0 || store.get(record)?.digest !== digestOfStatement(statementOf(record));
}

function verifySelf(account: Account, response: Response, deps: Deps): DeviceRecord {
  const device = verifyDevice(askerOf(response, deps));
  if (device.account === account) return device;
  throw new DewproofError('FORBIDDEN', 'A device speaks for itself only; sign as the device.');
}

function askerOf(response: Response, deps: Deps): CallerQuestion {
  return callerOf(response, { offer: offerOf(deps), clock: deps.clock });
}

function callerAccount(response: Response): Account {
  const { account } = callOf(response);
  if (account === undefined) throw new TypeError('an unsigned upload was let through');
  return account;
}

function mayDescribe(resource: ResourceId, caller: CallerQuestion): boolean {
  return isReviewer(caller) || mayManage(caller, resource);
}

function managesAny(caller: CallerQuestion): boolean {
  return [...caller.state.grants.keys()].some((resource) => mayManage(caller, resource));
}

function isForDevice(
  { resource, record, copies }: SecretEntry,
  { device, caller }: { device: DeviceRecord; caller: CallerQuestion },
): boolean {
  const head = caller.state.heads.get(resource);
  if (head?.status !== 'active' || head.group !== device.group) return false;
  return record.commitment === null || copies.has(device.account);
}

function describe(
  entry: SecretEntry,
  { caller: { state }, deps }: { caller: CallerQuestion; deps: Deps },
): SecretDescription {
  const head = state.heads.get(entry.resource);
  const lacking = head === undefined ? [] : lackingOf(entry, { state, group: head.group });
  const keyless = lacking.filter((account) => deps.secrets.keys.get(account) === undefined);
  return { record: entry.record, sealed: [...entry.copies.keys()], lacking, keyless };
}

function namesIn(params: Readonly<Record<string, unknown>>): SecretNames {
  const [tenant, resource, name] = [params['tenant'], params['resource'], params['name']].map(parseName);
  if (tenant === undefined || resource === undefined || name === undefined) throw notHere();
  return { tenant, resource, name };
}

function idOf({ tenant, resource }: SecretNames): ResourceId {
  return resourceIdOf({ tenant, name: resource });
}

function notHere(): DewproofError {
  return new DewproofError('NOT_FOUND', 'There is no such secret here for you; have it set.');
}
