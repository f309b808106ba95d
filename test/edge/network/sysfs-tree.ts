import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { temporaryFolder } from '../../platform/temporary-folder.ts';

/** A copy of `/sys` and `/dev`, as the kernel lays them out: classes are links to devices. */
export interface SysfsTree {
  readonly sysFolder: string;
  readonly devFolder: string;
  /** Adds a device of a class with its attributes; `device` and what else `links` names lead to other places. */
  add(
    path: string,
    of: {
      readonly class: string;
      readonly attributes?: Readonly<Record<string, string>>;
      readonly links?: Readonly<Record<string, string>>;
    },
  ): void;
  /** Writes attributes of something that is no member of a class, as a USB device above a port. */
  write(path: string, attributes: Readonly<Record<string, string>>): void;
  node(name: string): void;
}

/** Makes an empty copy, gone with the test; paths are below `/sys/devices`. */
export function createSysfsTree(): SysfsTree {
  const root = temporaryFolder();
  const [sysFolder, devFolder] = [join(root, 'sys'), join(root, 'dev')];
  mkdirSync(devFolder);

  const link = ({ at, to }: { at: string; to: string }) => {
    mkdirSync(dirname(at), { recursive: true });
    symlinkSync(relative(dirname(at), to), at);
  };
  const write: SysfsTree['write'] = (path, attributes) => {
    const folder = join(sysFolder, 'devices', path);
    mkdirSync(folder, { recursive: true });
    for (const [name, value] of Object.entries(attributes)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), `${value}\n`);
    }
  };
  return {
    sysFolder,
    devFolder,
    write,
    add: (path, { class: name, attributes = {}, links = {} }) => {
      write(path, attributes);
      const folder = join(sysFolder, 'devices', path);
      link({ at: join(sysFolder, 'class', name, path.slice(path.lastIndexOf('/') + 1)), to: folder });
      for (const [at, to] of Object.entries(links)) {
        const target = join(sysFolder, 'devices', to);
        mkdirSync(target, { recursive: true });
        link({ at: join(folder, at), to: target });
      }
    },
    node: (name) => {
      writeFileSync(join(devFolder, name), '');
    },
  };
}
