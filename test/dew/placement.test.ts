import { connectAsync, type MqttClient } from 'mqtt';
import { describe, expect, onTestFinished, test } from 'vitest';
import { groupIdOf, resourceIdOf } from '../../core/ids.ts';
import { hintTopic, parseHint } from '../../core/wire/hint.ts';
import { GROUP, profile, resource, TENANT } from './support/documents.ts';
import { accountOf, openSite, type Site } from './support/site.ts';
import { eventually } from '../platform/eventually.ts';

const north = profile({ name: 'north', labels: { site: 'north' } });
const south = profile({ name: 'south', labels: { site: 'south' }, capacity: 1 });

async function twoEdges(): Promise<Site> {
  const site = await openSite();
  await site.enrol('edge', { profile: north.digest });
  await site.enrol('secondEdge', { profile: south.digest });
  for (const one of [north, south]) expect((await site.upload(one)).code).toBe('ok');
  return site;
}

async function settled(site: Site): Promise<void> {
  const height = site.chain.state().block?.height.toString();
  await eventually(() => site.dew.status().ledger.height).toBe(height);
}

describe('assignments', () => {
  test('go by labels and capacity, and a change of them is seen by their tag', async () => {
    const site = await twoEdges();
    await site.activate(
      resource({ name: 'a', labels: { site: 'north' } }),
      resource({ name: 'b', labels: { site: 'south' } }),
    );
    await eventually(() => site.namesFor('edge')).toEqual(['a']);
    expect(await site.namesFor('secondEdge')).toEqual(['b']);
    await site.activate(resource({ name: 'c', labels: { site: 'south' } }));
    await settled(site);
    expect(await site.namesFor('secondEdge')).toEqual(['b']);
    expect(site.dew.status().groups[0]?.unplaced).toEqual([{ resource: 'c', reason: 'no-capacity' }]);

    const path = `GET /v1/assignments/${accountOf('edge')}`;
    const { headers } = await site.call('edge', path);
    const same = { headers: { 'if-none-match': headers['etag'] ?? '' } };
    expect((await site.call('edge', path, same)).status).toBe(304);
    await site.activate(resource({ name: 'd', labels: { site: 'north' } }));
    await eventually(async () => (await site.call('edge', path, same)).status).toBe(200);
  });

  test('go by links that profiles have', async () => {
    const site = await openSite();
    const wired = profile({ name: 'wired', links: ['ethernet'] });
    const wireless = profile({ name: 'wireless', links: ['wifi', 'ble'] });
    await site.enrol('edge', { profile: wired.digest });
    await site.enrol('secondEdge', { profile: wireless.digest });
    for (const one of [wired, wireless]) expect((await site.upload(one)).code).toBe('ok');
    await site.activate(resource({ name: 'a', network: ['ble'] }), resource({ name: 'b', network: ['ble', 'lora'] }));
    await eventually(() => site.namesFor('secondEdge')).toEqual(['a']);
    await eventually(() => site.dew.status().groups[0]?.unplaced).toEqual([
      { resource: 'b', reason: 'no-matching-device' },
    ]);
    expect(await site.namesFor('edge')).toEqual([]);
  });

  test('stay where they are when the dew restarts and when a roomier device comes', async () => {
    const site = await openSite();
    await site.enrol('edge');
    const names = ['a', 'b', 'c', 'd'];
    await site.activate(...names.map((name) => resource({ name })));
    await eventually(() => site.namesFor('edge')).toEqual(names);
    await site.enrol('secondEdge');
    await settled(site);
    expect(await site.namesFor('edge')).toEqual(names);
    const again = await site.restart();
    expect(await again.namesFor('edge')).toEqual(names);
    expect(await again.namesFor('secondEdge')).toEqual([]);
  });

  test('move off a device that is suspended', async () => {
    const site = await openSite();
    await site.enrol('edge');
    await site.activate(resource());
    await eventually(() => site.namesFor('edge')).toEqual(['climate']);
    await site.enrol('secondEdge');
    const account = accountOf('edge');
    await site.submit('registrar', { type: 'set-device-status', account, status: 'suspended' });
    await eventually(() => site.namesFor('secondEdge')).toEqual(['climate']);
  });

  test('leave the room of what was revoked to others', async () => {
    const site = await openSite();
    await site.enrol('edge', { profile: south.digest });
    await site.upload(south);
    const first = resource({ name: 'a' });
    await site.activate(first);
    await eventually(() => site.namesFor('edge')).toEqual(['a']);
    await site.submit('revoker', { type: 'revoke', resource: first.proposal.resource, version: 1n });
    await site.activate(resource({ name: 'b' }));
    await eventually(() => site.namesFor('edge')).toEqual(['b']);
  });

  test('are of the own group where a dew serves several', async () => {
    const site = await openSite({ config: { groups: [GROUP, 'field'] } });
    await site.enrol('edge');
    await site.enrol('secondEdge', { group: 'field' });
    const others = resource({ name: 'b', group: 'field' });
    await site.activate(resource({ name: 'a' }), others);
    await eventually(() => site.namesFor('edge')).toEqual(['a']);
    expect(await site.namesFor('secondEdge')).toEqual(['b']);
    expect((await site.call('edge', `GET /v1/documents/${others.digest}`)).code).toBe('FORBIDDEN');
  });

  test('end when a resource is revoked', async () => {
    const site = await openSite();
    await site.enrol('edge');
    const document = resource();
    await site.activate(document);
    await eventually(() => site.namesFor('edge')).toEqual(['climate']);
    await site.submit('revoker', { type: 'revoke', resource: document.proposal.resource, version: 1n });
    await eventually(() => site.namesFor('edge')).toEqual([]);
    expect((await site.assignments('edge')).undecided).toEqual([]);
  });

  test('are undecided, not ended, while documents are missing', async () => {
    const site = await openSite();
    await site.enrol('edge');
    const first = resource();
    await site.activate(first);
    await eventually(() => site.namesFor('edge')).toEqual(['climate']);
    const second = resource({ version: 2 });
    await site.submit('publisher', { type: 'propose', proposals: [second.proposal] });
    await site.submit('approver', { type: 'approve', proposals: [second.proposal] });
    await eventually(() => site.dew.status().missing).toEqual([second.digest]);
    expect(await site.assignments('edge')).toMatchObject({
      assignments: [],
      undecided: [resourceIdOf({ tenant: TENANT, name: 'climate' })],
    });
    await site.upload(second);
    expect((await site.assignments('edge')).assignments).toEqual([
      { tenant: TENANT, name: 'climate', digest: second.digest },
    ]);
  });

  test('of a dew that lost its disk are undecided until all is uploaded again', async () => {
    const site = await twoEdges();
    const document = resource({ labels: { site: 'south' } });
    await site.activate(document);
    await eventually(() => site.namesFor('secondEdge')).toEqual(['climate']);
    const wiped = await openSite({ chain: site.chain });
    const undecided = [document.proposal.resource];
    await eventually(async () => (await wiped.call(undefined, 'GET /readyz')).code).toBe('ok');
    expect(await wiped.assignments('secondEdge')).toMatchObject({ assignments: [], undecided });
    await wiped.upload(document);
    expect(await wiped.assignments('secondEdge')).toMatchObject({ assignments: [], undecided });
    await wiped.upload(north);
    expect(await wiped.assignments('secondEdge')).toMatchObject({ assignments: [], undecided });
    await wiped.upload(south);
    expect(await wiped.namesFor('secondEdge')).toEqual(['climate']);
    expect(await wiped.namesFor('edge')).toEqual([]);
  });
});

describe('hints', () => {
  async function listen(site: Site): Promise<{ client: MqttClient; heard: string[] }> {
    const client = await connectAsync(site.dew.mqttUrl, { reconnectPeriod: 0 });
    client.on('error', () => undefined);
    onTestFinished(() => client.endAsync(true));
    const heard: string[] = [];
    client.on('message', (_topic, payload) => heard.push(parseHint(payload).about));
    await client.subscribeAsync(hintTopic(groupIdOf({ tenant: TENANT, name: GROUP })));
    return { client, heard };
  }

  test('tell the group of news from the ledger and of uploads', async () => {
    const site = await openSite();
    const { heard } = await listen(site);
    const document = resource();
    await site.submit('publisher', { type: 'propose', proposals: [document.proposal] });
    await eventually(() => heard).toContain('ledger');
    heard.length = 0;
    await site.upload(document);
    await eventually(() => heard).toContain('assignments');
  });

  test('come from the dew alone, and of its groups alone', async () => {
    const site = await openSite();
    const { client, heard } = await listen(site);
    for (const topic of ['#', 'dewproof/v1/hints/+', hintTopic(groupIdOf({ tenant: TENANT, name: 'field' }))]) {
      await expect(client.subscribeAsync(topic)).rejects.toThrow();
    }
    const forger = await connectAsync(site.dew.mqttUrl, { reconnectPeriod: 0 });
    forger.on('error', () => undefined);
    const cut = new Promise<void>((resolve) => forger.once('close', resolve));
    forger.publish(hintTopic(groupIdOf({ tenant: TENANT, name: GROUP })), '{"about":"assignments"}');
    await cut;
    await site.enrol('edge');
    await eventually(() => heard).toContain('ledger');
    expect(heard).not.toContain('assignments');
  });
});
