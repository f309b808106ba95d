import { test, vi } from 'vitest';
import { bytes32Of } from '../../chain/conformance/command-arbitrary.ts';
import { startHintBroker } from '../../dew/hint-broker.ts';
import { createLog } from '../../platform/log.ts';
import { eventually } from '../platform/eventually.ts';

vi.mock('../../platform/mqtt/broker.ts', () => ({
  startBroker: () =>
    Promise.resolve({
      url: 'mqtt://dew',
      publish: () => Promise.reject(new Error('The broker is gone.')),
      close: () => Promise.resolve(),
    }),
}));

const group = bytes32Of(1);

async function start() {
  const logged: string[] = [];
  const log = createLog({ name: 'dew', level: 'info' }, { write: (line) => logged.push(line) });
  return { broker: await startHintBroker({ host: '127.0.0.1', port: 0, groups: new Set([group]), log }), logged };
}

test('a hint that can not be sent is logged, and fails nothing', async () => {
  const { broker, logged } = await start();
  broker.hint(group, { about: 'ledger' });
  await eventually(() => logged.join()).toContain('A hint could not be sent');
});
