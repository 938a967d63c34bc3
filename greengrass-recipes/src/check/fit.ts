/** What a package's binaries were compiled for. */
export interface Built {
  /** `v20.20.2`. */
  readonly node: string;
  /** Node's ABI: `115` for every Node 20. */
  readonly modules: string;
  readonly arch: string;
  /** The oldest glibc that has all they ask for. */
  readonly glibc: readonly [number, number] | null;
}

/** The machine that is to run them; its glibc is null where it has none. */
export interface Machine {
  readonly node: string;
  readonly modules: string;
  readonly arch: string;
  readonly glibc: string | null;
}

const major = (version: string): string => /^v?(\d+)/.exec(version)?.[1] ?? version;

/** Why a package does not fit a machine, with what to do; null where it does. */
export function unfitReason(built: Built, machine: Machine): string | null {
  if (machine.arch !== built.arch) {
    return (
      `This package is for ${built.arch}, and Node here is for ${machine.arch}: ` +
      `install Node for ${built.arch}.`
    );
  }
  if (machine.modules !== built.modules) {
    return (
      `This package is for Node ${major(built.node)}, and here is ${machine.node}: install Node ` +
      `${major(built.node)} where the account that runs components finds it as "node".`
    );
  }
  if (built.glibc === null) return null;
  const [have = 0, haveMinor = 0] = (machine.glibc ?? '').split('.').map(Number);
  const [need, needMinor] = built.glibc;
  if (have > need || (have === need && haveMinor >= needMinor)) return null;
  return (
    `This package needs glibc ${need}.${needMinor}, and here is ${machine.glibc ?? 'none'}: ` +
    'build it on the system that the box runs, or upgrade the box.'
  );
}
