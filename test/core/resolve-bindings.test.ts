import { describe, expect, test } from 'vitest';
import { resolveBindings } from '../../core/resolve-bindings.ts';
import { codeOf } from './support/code-of.ts';
import { profile, resource } from './support/samples.ts';

const device = `0x${'d1'.repeat(20)}` as const;
const context = (bindings: Record<string, string>) => ({ device, group: 'barn-7', profile: profile({ bindings }) });
const input = (transport: object) => resource({ inputs: [{ id: 'temperature', ...transport }] });
const action = (topic: string) => resource({ actions: [{ id: 'vent', mqtt: { topic } }] });
const ble = {
  address: '{binding}',
  service: '0000181a-0000-1000-8000-00805f9b34fb',
  characteristic: '00002a6e-0000-1000-8000-00805f9b34fb',
};

describe('resolveBindings', () => {
  test('leaves a resource without placeholders as it is, with or without a profile', () => {
    expect(resolveBindings(resource(), { device, group: 'barn-7', profile: undefined })).toEqual(resource());
  });

  test.each<readonly [string, object, string, object]>([
    ['a topic', { mqtt: { topic: '{group}/{binding}/{device}' } }, 'box/+', { topic: `barn-7/box/+/${device}` }],
    ['a whole topic', { mqtt: { topic: '{binding}' } }, 'box/#', { topic: 'box/#' }],
    ['a host', { coap: { uri: 'coap://{binding}/t' } }, '10.0.7.9:5683', { uri: 'coap://10.0.7.9:5683/t' }],
    ['a URI', { http: { uri: '{binding}', every: '1s' } }, 'http://10.0.7.9/t', { uri: 'http://10.0.7.9/t' }],
    ['a Bluetooth address', { ble }, '00:1a:7d:da:71:13', { address: '00:1a:7d:da:71:13' }],
  ])('fills in %s', (_, transport, binding, filled) => {
    const resolved = resolveBindings(input(transport), context({ temperature: binding }));
    const [kind = ''] = Object.keys(transport);
    expect(resolved.spec.inputs[0]).toMatchObject({ [kind]: filled });
  });

  test('fills in actions', () => {
    const resolved = resolveBindings(action('{binding}/set'), context({ vent: 'box/vent' }));
    expect(resolved.spec.actions).toMatchObject([{ mqtt: { topic: 'box/vent/set' } }]);
  });

  test('does not fill placeholders that a binding brings along', () => {
    const resolved = resolveBindings(input({ mqtt: { topic: '{binding}' } }), context({ temperature: '{device}' }));
    expect(resolved.spec.inputs).toMatchObject([{ mqtt: { topic: '{device}' } }]);
  });

  test.each<readonly [string, object, Record<string, string>]>([
    ['nothing', { mqtt: { topic: '{binding}' } }, {}],
    ['another id', { mqtt: { topic: '{binding}' } }, { humidity: 'a' }],
    ['a bad filter', { mqtt: { topic: '{binding}' } }, { temperature: 'a/#/b' }],
    ["the broker's own topics", { mqtt: { topic: '{binding}/x' } }, { temperature: '$SYS' }],
    ['a control character', { mqtt: { topic: '{binding}' } }, { temperature: 'a\u0000' }],
    ['a group', { coap: { uri: 'coap://{binding}/t' } }, { temperature: '224.0.1.187' }],
    ['a file', { coap: { uri: '{binding}' } }, { temperature: 'file:///etc/passwd' }],
    ['another host than it seems', { coap: { uri: 'coap://{binding}/t' } }, { temperature: 'good@evil' }],
    ['a way out of the path', { http: { uri: 'http://a/{binding}/t', every: '1s' } }, { temperature: '../..' }],
    ['no Bluetooth address', { ble }, { temperature: 'x' }],
  ])('refuses an input bound to %s', (_, transport, bindings) => {
    expect(codeOf(() => resolveBindings(input(transport), context(bindings)))).toBe('UNBOUND');
  });

  test('refuses an action bound to a wildcard', () => {
    expect(codeOf(() => resolveBindings(action('{binding}'), context({ vent: 'box/+/vent' })))).toBe('UNBOUND');
    expect(codeOf(() => resolveBindings(action('{binding}'), context({ vent: '#' })))).toBe('UNBOUND');
  });

  test('refuses where there is no profile, and ids that every object inherits', () => {
    const bound = input({ mqtt: { topic: '{binding}' } });
    expect(codeOf(() => resolveBindings(bound, { device, group: 'barn-7', profile: undefined }))).toBe('UNBOUND');
    const inherited = resource({ inputs: [{ id: 'constructor', mqtt: { topic: '{binding}' } }], views: [] });
    expect(codeOf(() => resolveBindings(inherited, context({})))).toBe('UNBOUND');
  });
});
