import type { Command } from 'commander';
import { addExamples } from '../help.ts';
import { optionsOf, type GlobalOptions } from '../options.ts';

/** Options of `dewproof script test`. */
export interface ScriptTestOptions extends GlobalOptions {
  readonly readings: string;
  readonly document?: string;
  readonly expect?: string;
}

/** `dewproof script test`. */
export function addScriptTest(script: Command): void {
  const command = script
    .command('test')
    .summary('run a script over recorded readings')
    .description(
      `Run a script over recorded readings, in the sandbox and within the limits of a device, and print what it does as
JSON, one line each: actions, what it puts into its store, log lines, views, what was dropped. Time is that of the
readings: timers fire in order and nothing waits. It reaches nothing outside.

Readings are lines of JSON: {"time": "2026-05-01T06:00:00Z", "input": "temperature", "value": 21.5}; a line {"time",
"view": "comfort"} asks a computed view, a line {"time"} lets time pass. Exit code 1 where the script fails, 2 where it
does something else than expected.`,
    )
    .argument('<file>', 'the script')
    .requiredOption('--readings <file>', 'what it is told: JSON lines')
    .option('--document <file>', 'its document: names what it may reach, and its limits')
    .option('--expect <file>', 'what it is to do: the output of an earlier run')
    .action(async (file: string, _, self: Command) => {
      const { testScript } = await import('../actions/script-test.ts');
      await testScript(file, optionsOf<ScriptTestOptions>(self));
    });
  addExamples(command, [
    ['What does it do with a day of readings?', 'dewproof script test barn-air.js --readings day.ndjson'],
    [
      'As its document lets it, and as it did before',
      `dewproof script test barn-air.js --readings day.ndjson --document barn-air.yaml \\
    --expect day.expected.ndjson`,
    ],
  ]);
}
