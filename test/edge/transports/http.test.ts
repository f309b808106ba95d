import { createServer as createTcpServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createHttpAgents } from '../../../edge/transports/http-agents.ts';
import { openHttpOutlet, type HttpAction } from '../../../edge/transports/http-outlet.ts';
import { openHttpSource, type HttpInput } from '../../../edge/transports/http-source.ts';
import { parsePayload } from '../../../edge/payload/parse-payload.ts';
import { hostileServer } from '../../platform/raw-http.ts';
import { eventually } from '../support/test-edge.ts';
import { python, startPython } from './support/foreign.ts';
import { actionOf, inputOf, listenTo } from './support/samples.ts';

const ok = 'HTTP/1.1 200 OK\r\n';
const jsonAt = (pointer: string) => ({ format: 'json', pointer });

function agents() {
  const opened = createHttpAgents();
  onTestFinished(() => opened.close());
  return opened;
}

const listen = (uri: string, { every = '100ms', payload = jsonAt('/kWh') } = {}) =>
  listenTo((deliver) =>
    openHttpSource(inputOf({ http: { uri, every }, payload }) as HttpInput, { agent: agents().sensors, deliver }),
  );

const act = (uri: string, { withinMs = 10_000, ...http }: { withinMs?: number; method?: string } = {}) =>
  openHttpOutlet(actionOf({ http: { uri, ...http }, payload: jsonAt('/open') }) as HttpAction, {
    agent: agents().actuators,
    withinMs,
  });

/** An energy meter with counters, and a relay: what Python's own http.server says of HTTP, we take. */
const METER = `
import http.server, json, sys
seen = {"polls": 0, "unchanged": 0, "relay": [], "types": []}
class Meter(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items(): self.send_header(name.replace("_", "-"), value)
        if status != 304: self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        if self.path == "/meter":
            seen["polls"] += 1
            self.answer(200, json.dumps({"kWh": 1000 + seen["polls"]}).encode(), Content_Type="application/json")
        elif self.path == "/still":
            if self.headers.get("If-None-Match") == '"v1"':
                seen["unchanged"] += 1
                self.answer(304, ETag='"v1"')
            else: self.answer(200, b'{"kWh": 7}', ETag='"v1"')
        elif self.path == "/seen": self.answer(200, json.dumps(seen).encode())
        elif self.path == "/away": self.answer(302, Location="/meter")
        elif self.path == "/ready": self.answer(200)
        else: self.answer(404)
    def act(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        seen["relay"].append(self.command + " " + body.decode())
        seen["types"].append(self.headers["Content-Type"])
        self.answer(204 if self.path == "/relay" else 302, Location="/relay")
    do_PUT = act
    do_POST = act
    def log_message(self, *words): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Meter).serve_forever()
`;

interface Seen {
  readonly polls: number;
  readonly unchanged: number;
  readonly relay: readonly string[];
  readonly types: readonly string[];
}

async function startMeter(port?: number) {
  const meter = await startPython(METER, port);
  const url = `http://127.0.0.1:${meter.port}`;
  const seen = async () => (await (await fetch(`${url}/seen`)).json()) as Seen;
  return { ...meter, url, seen };
}

describe.skipIf(python === undefined)("Python's http.server (skipped where python3 is not installed)", () => {
  test('is asked at the interval: each answer is one reading', async () => {
    const { url, seen } = await startMeter();
    const { heard, source, verdict } = listen(`${url}/meter`);
    await eventually(() => {
      expect(heard.length).toBeGreaterThan(3);
      expect(verdict()).toBe('ok');
    });
    // Each is heard as it comes, or was too late and is counted so.
    const { polls } = await seen();
    const values = heard.map((text) => Number(parsePayload(Buffer.from(text), payloadOf('/kWh'))));
    expect(values).toEqual([...new Set(values)].toSorted((one, other) => one - other));
    const late = Object.values(source.counts?.() ?? {}).reduce((sum, count) => sum + count, 0);
    expect(polls - values.length - late).toBeLessThanOrEqual(1);
  });

  test('says that nothing has changed, and that is a reading too', async () => {
    const { url, seen } = await startMeter();
    const { heard } = listen(`${url}/still`);
    await eventually(() => {
      expect(heard.length).toBeGreaterThan(3);
    });
    expect(new Set(heard)).toEqual(new Set(['{"kWh": 7}']));
    const before = heard.length;
    expect((await seen()).unchanged).toBeGreaterThanOrEqual(before - 1);
  });

  test('redirects, and is not followed; has no such page, and that is a lack', async () => {
    const { url, seen } = await startMeter();
    for (const [path, status] of [
      ['/away', 302],
      ['/nothing', 404],
    ] as const) {
      const { heard, source, verdict } = listen(`${url}${path}`);
      await eventually(() => {
        expect(verdict()).toMatch(new RegExp(`^SENSOR_UNAVAILABLE: .*${status}`));
        expect(source.counts?.()['SENSOR_UNAVAILABLE']).toBeGreaterThan(1);
      });
      expect(heard).toEqual([]);
    }
    expect((await seen()).polls).toBe(0);
  });

  test('goes away and comes back', async () => {
    const first = await startMeter();
    const { heard, verdict } = listen(`${first.url}/meter`);
    await eventually(() => {
      expect(heard.length).toBeGreaterThan(0);
    });
    await first.stop();
    await eventually(() => {
      expect(verdict()).toMatch(/^SENSOR_UNAVAILABLE/);
    });
    const before = heard.length;
    await startMeter(first.port);
    await eventually(() => {
      expect(heard.length).toBeGreaterThan(before);
      expect(verdict()).toBe('ok');
    });
  });

  test('does what actions say, in their order, once', async () => {
    const { url, seen } = await startMeter();
    const outlet = act(`${url}/relay`);
    await Promise.all([1, 2, 3].map((open) => outlet.send(Buffer.from(JSON.stringify({ open })))));
    await act(`${url}/relay`, { method: 'POST' }).send(Buffer.from('{"open":0}'));
    expect(await seen()).toMatchObject({
      relay: ['PUT {"open":1}', 'PUT {"open":2}', 'PUT {"open":3}', 'POST {"open":0}'],
      types: Array.from({ length: 4 }, () => 'application/json'),
    });
  });

  test('redirects an action, and is not followed', async () => {
    const { url, seen } = await startMeter();
    const moved = act(`${url}/moved`).send(Buffer.from('{"open":1}'));
    await expect(moved).rejects.toMatchObject({ code: 'ACTUATOR_FAILED', details: { answer: 302 } });
    expect((await seen()).relay).toHaveLength(1);
  });
});

describe('a hostile HTTP sensor', () => {
  test.each<readonly [string, string, Parameters<typeof hostileServer>[0]]>([
    ['nothing', 'SENSOR_UNAVAILABLE', () => undefined],
    ['half a head', 'SENSOR_UNAVAILABLE', (socket) => socket.write('HTTP/1.1 200')],
    ['no HTTP', 'SENSOR_UNAVAILABLE', (socket) => socket.end('SSH-2.0-x\r\n')],
    ['heads without end', 'ENDLESS_DATA', (socket) => socket.write(`${ok}${`A: ${'b'.repeat(100)}\r\n`.repeat(500)}`)],
    ['a body of 16 KiB and a byte', 'ENDLESS_DATA', (socket) => socket.end(`${ok}\r\n${'1'.repeat(16_385)}`)],
    ['a body that never ends', 'SLOW_RETRIEVAL', (socket) => socket.write(`${ok}\r\n1`)],
    ['less than it announced', 'SENSOR_UNAVAILABLE', (socket) => socket.end(`${ok}Content-Length: 9\r\n\r\n1`)],
    [
      'that nothing has changed, though it never gave a value',
      'SENSOR_UNAVAILABLE',
      (socket) => socket.end('HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n'),
    ],
    ['an error', 'SENSOR_UNAVAILABLE', (socket) => socket.end('HTTP/1.1 500 Oh\r\nContent-Length: 1\r\n\r\n1')],
  ])('that sends %s is counted as %s, and is a lack', async (_, code, answer) => {
    const { heard, source, verdict } = listen(await hostileServer(answer), { every: '400ms' });
    // On a machine that is busy some question may end at its deadline instead.
    await eventually(() => {
      expect(verdict()).toMatch(/^SENSOR_UNAVAILABLE/);
      expect(source.counts?.()[code]).toBeGreaterThan(0);
    });
    expect(heard).toEqual([]);
  });

  test('that drips is cut off before the next question, and others are not late', async () => {
    let questions = 0;
    let open = 0;
    const url = await hostileServer((socket) => {
      questions += 1;
      open += 1;
      const drip = setInterval(() => socket.write('1'), 5);
      socket.write(`${ok}\r\n`);
      socket.on('close', () => {
        open -= 1;
        clearInterval(drip);
      });
      expect(open).toBe(1);
    });
    const steady = listen(await hostileServer((socket) => socket.end(`${ok}Content-Length: 1\r\n\r\n1`)));
    const dripping = listen(url);
    await eventually(() => {
      expect(questions).toBeGreaterThan(3);
      expect(steady.heard.length).toBeGreaterThan(3);
    });
    await eventually(() => {
      expect(dripping.source.counts?.()['SLOW_RETRIEVAL']).toBeGreaterThan(1);
    });
    expect(dripping.heard).toEqual([]);
  });

  test('hears nothing more once the input is closed', async () => {
    let questions = 0;
    const url = await hostileServer(() => {
      questions += 1;
    });
    const { source, heard } = listen(url, { every: '1s' });
    await eventually(() => {
      expect(questions).toBe(1);
    });
    source.close();
    const other = listen(await hostileServer((socket) => socket.end(`${ok}Content-Length: 1\r\n\r\n1`)));
    await eventually(() => {
      expect(other.heard.length).toBeGreaterThan(12);
    });
    expect([questions, heard, source.counts?.()]).toEqual([1, [], {}]);
  });
});

describe('an HTTP actuator', () => {
  test('that is not there was not told; one that does not answer may have acted', async () => {
    const server = createTcpServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    await new Promise((resolve) => server.close(resolve));
    const body = Buffer.from('1');
    const absent = act(`http://127.0.0.1:${port}/a`).send(body);
    await expect(absent).rejects.toMatchObject({ code: 'ACTUATOR_FAILED' });
    let told = 0;
    const silent = await hostileServer(() => {
      told += 1;
    });
    await expect(act(silent, { withinMs: 2000 }).send(body)).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(told).toBe(1);
  });

  test('is told once also where it hangs up instead of answering', async () => {
    let told = 0;
    const url = await hostileServer((socket) => {
      told += 1;
      socket.destroy();
    });
    await expect(act(url).send(Buffer.from('1'))).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(told).toBe(1);
  });

  test('that sends a body without end may have acted', async () => {
    const url = await hostileServer((socket) => {
      socket.write(`${ok}\r\n${'1'.repeat(20_000)}`);
    });
    await expect(act(url).send(Buffer.from('1'))).rejects.toMatchObject({ code: 'TIMEOUT' });
  });
});

function payloadOf(pointer: string) {
  return { format: 'json', pointer, type: 'number', maxLength: 1024 } as const;
}
