/** What the module that scripts import is called; there is no other. */
export const GUEST_MODULE = 'dewproof';

/**
 * The module `dewproof` as the interpreter runs it, before the script. It shares its realm with the script, so nothing
 * here is a boundary: whatever the script breaks (Promise, JSON, prototypes), it breaks for itself. The boundary is
 * `host(op, id, json)`, which takes a word, a number and a text, and checks all three. Answers: a number, or JSON of
 * `{code, message}` for a refusal.
 */
export const GUEST_SOURCE = `
const host = globalThis.__host;
delete globalThis.__host;
const { parse, stringify } = JSON;
const NativePromise = Promise;
const NativeError = Error;
const NativeTypeError = TypeError;
const { freeze, create } = Object;
const isArray = Array.isArray;
const text = String;

const calls = create(null);
const timers = create(null);
let script;

const codedError = ({ code, message }) => {
  const error = new NativeError(message);
  error.code = code;
  return error;
};

const tell = (op, id, value) => {
  const answer = host(op, id, stringify(value) ?? 'null');
  if (typeof answer === 'string') throw codedError(parse(answer));
  return answer;
};

const ask = (op, args) =>
  new NativePromise((resolve, reject) => {
    calls[tell('call', 0, { op, args })] = { resolve, reject };
  });

const messageOf = (error) => {
  // Where not even an error can be made any more, the interpreter throws null.
  if (error === null) return { message: 'InternalError: out of memory (or null was thrown)', stack: '', code: null };
  try {
    const isObject = typeof error === 'object' && error !== null;
    const stack = isObject && typeof error.stack === 'string' ? error.stack : '';
    const message = isObject && typeof error.message === 'string' ? text(error.name ?? 'Error') + ': ' + error.message : text(error);
    return { message, stack, code: isObject && typeof error.code === 'string' ? error.code : null };
  } catch {
    return { message: 'an error that can not be shown', stack: '', code: null };
  }
};

const cut = (value) => (value.length > 2000 ? value.slice(0, 2000) + '…' : value);

const fail = (id, error) => {
  const { message, stack, code } = messageOf(error);
  try {
    tell('failed', id, { message: cut(message), stack: cut(stack), code });
  } catch {
    host('failed', id, '{"message":"an error that can not be shown","stack":"","code":null}');
  }
};

const run = async (id, call) => {
  try {
    const value = await call();
    tell('done', id, value === undefined ? null : value);
  } catch (error) {
    fail(id, error);
  }
};

const show = (value) => {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && value instanceof NativeError) return messageOf(value).message;
  try {
    return stringify(value) ?? text(value);
  } catch {
    return messageOf(value).message;
  }
};

const write = (level) => (...values) => {
  let line = '';
  for (let index = 0; index < values.length; index += 1) line += (index === 0 ? '' : ' ') + show(values[index]);
  tell('log', 0, { level, text: cut(line) });
};

const timeText = (value) => (value instanceof Date ? value.toISOString() : value);
const milliseconds = (value) => (value instanceof Date ? value.getTime() : value);

const setTimer = (repeat) => (call, ms = 0, ...args) => {
  if (typeof call !== 'function') throw new NativeTypeError('a timer takes a function');
  const id = tell('timer', 0, { ms: +ms || 0, repeat });
  timers[id] = { call, args, repeat };
  return id;
};
const clearTimer = (id) => {
  if (typeof id !== 'number' || timers[id] === undefined) return;
  delete timers[id];
  tell('clear', id, null);
};

const config = parse(host('config', 0, ''));
if (config.isVirtual) {
  const RealDate = Date;
  const now = () => tell('now', 0, null);
  globalThis.Date = class Date extends RealDate {
    constructor(...args) {
      if (args.length === 0) super(now());
      else super(...args);
    }
    static now() {
      return now();
    }
  };
  let seed = 1;
  // Park and Miller's generator: the same script and readings give the same output.
  Math.random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
}

export const resource = freeze(config.resource);
export const inputs = freeze({
  ids: () => [...config.inputs],
  latest: (id) => ask('latest', { id }),
  range: (id, { from = 0, to } = {}) =>
    ask('range', { id, fromMs: milliseconds(from), ...(to === undefined ? {} : { toMs: milliseconds(to) }) }),
});
export const views = freeze({
  read: (view, query = {}) => {
    const plain = {};
    for (const key in query) plain[key] = typeof query[key] === 'number' ? text(query[key]) : timeText(query[key]);
    return ask('view', { view, query: plain });
  },
});
export const store = freeze({
  get: (key) => ask('get', { key }),
  put: (key, value) => ask('put', { key, value }),
  delete: (key) => ask('delete', { key }),
  keys: () => ask('keys', {}),
});
export const actions = freeze({ invoke: (action, value) => ask('act', { action, value }) });
export const secrets = freeze({ get: (name) => ask('secret', { name }) });
export const fetch = async (url, { method = 'GET', headers = {}, body } = {}) => {
  const answer = await ask('fetch', { url: text(url), method, headers, ...(body === undefined ? {} : { body }) });
  const { status } = answer;
  return freeze({
    status,
    ok: status >= 200 && status < 300,
    headers: freeze(answer.headers),
    text: async () => answer.body,
    json: async () => parse(answer.body),
  });
};
export const log = freeze({ debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') });
export const setTimeout = setTimer(false);
export const setInterval = setTimer(true);
export const clearTimeout = clearTimer;
export const clearInterval = clearTimer;

globalThis.console = freeze({ debug: log.debug, log: log.info, info: log.info, warn: log.warn, error: log.error });

const events = {
  __proto__: null,
  start: ({ id }) => {
    if (script.onStart !== undefined) return run(id, () => script.onStart());
    tell('done', id, null);
  },
  reading: ({ id, input, time, value }) => {
    if (script.onReading !== undefined) return run(id, () => script.onReading({ input, time, value }));
    tell('done', id, null);
  },
  view: ({ id, view, query }) => {
    if (script.view !== undefined) return run(id, () => script.view(view, query));
    fail(id, codedError({ code: 'NOT_FOUND', message: 'The script exports no view().' }));
  },
  timer: ({ timer }) => {
    const found = timers[timer];
    if (found === undefined) return;
    if (!found.repeat) delete timers[timer];
    run(0, () => found.call(...found.args));
  },
  answer: ({ call, value, error }) => {
    const found = calls[call];
    if (found === undefined) return;
    delete calls[call];
    if (error === undefined) found.resolve(value);
    else found.reject(codedError(error));
  },
};

const checked = (name, value) => {
  if (value === undefined || typeof value === 'function') return value;
  throw new NativeTypeError('the export ' + name + ' is not a function');
};

globalThis.__control = {
  adopt(exported) {
    script = {
      onStart: checked('onStart', exported.onStart),
      onReading: checked('onReading', exported.onReading),
      view: checked('view', exported.view),
    };
    return stringify({ view: script.view !== undefined });
  },
  dispatch(json) {
    const event = parse(json);
    events[event.kind](event);
  },
};
`;
