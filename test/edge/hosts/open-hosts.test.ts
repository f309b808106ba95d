import { expect, onTestFinished, test } from 'vitest';
import { digestOf } from '../../../core/digest.ts';
import { verifyConfiguration } from '../../../core/verify.ts';
import { openHosts } from '../../../edge/hosts/open-hosts.ts';
import { createKeyValuesStore } from '../../../edge/kv/key-values-store.ts';
import { createReadingsStore } from '../../../edge/readings/readings-store.ts';
import { createTransports } from '../../../edge/transports/create-transports.ts';
import { logStream, type LogItem } from '../../../platform/control/log-stream.ts';
import { createLog } from '../../../platform/log.ts';
import { createLogRing } from '../../../platform/log-ring.ts';
import { rawResource } from '../../core/support/samples.ts';
import { questionAt } from '../../core/support/site.ts';
import { noBus } from '../support/resource-host.ts';
import { eventually } from '../support/test-edge.ts';
import { openTestLevel } from '../support/test-store.ts';

const script = Buffer.from(`
import { log } from 'dewproof';
export function onStart() { log.info('the script says this'); }
`);
const always = { fact: { age: 'temperature' }, operator: 'greaterThanInclusive', value: 0 };

test('what a script and rules say is in `dewproof logs` of their resource, each under its own source', async () => {
  const ring = createLogRing();
  const onCommit = () => undefined;
  const readings = createReadingsStore({ level: await openTestLevel(), clock: Date.now, onCommit });
  const keyValues = createKeyValuesStore({ level: await openTestLevel(), onCommit });
  const hosts = openHosts({
    links: { verify: () => undefined },
    transports: createTransports({ bus: noBus }),
    readings,
    keyValues,
    trouble: () => undefined,
    clock: Date.now,
    log: createLog({ name: 'edge', level: 'info' }, ring),
  });
  onTestFinished(async () => {
    await hosts.close();
    await keyValues.close();
    await readings.close();
  });
  const artifact = { digest: digestOf(script), size: script.length };
  const document = rawResource({
    inputs: [{ id: 'temperature', push: true }],
    views: [],
    runtime: { kind: 'script', artifact },
    rules: [{ id: 'heard', when: always, do: [], set: [{ key: 'heard', value: true }] }],
  });
  const host = await hosts.startHosts['script']?.({
    configuration: verifyConfiguration(questionAt({ document, question: { runtimes: ['script'] } })),
    artifacts: new Map([[artifact.digest, script]]),
    signal: new AbortController().signal,
    onFailure: () => undefined,
    secret: () => Promise.reject(new TypeError('no secrets here')),
  });
  onTestFinished(() => host?.stop());
  await host?.takeOver();
  await host?.push('temperature', Buffer.from('21'));

  await eventually(async () => {
    const shown: LogItem[] = [];
    for await (const item of logStream(ring)({ resource: 'barn-climate' }, new AbortController().signal)) {
      shown.push(item as LogItem);
    }
    const resource = 'greenfields/barn-climate';
    expect(shown).toContainEqual(expect.objectContaining({ resource, source: 'script', msg: 'the script says this' }));
    expect(shown).toContainEqual(expect.objectContaining({ resource, source: 'rules', msg: 'Rule heard holds.' }));
  });
});
