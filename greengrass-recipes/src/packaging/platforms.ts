/** What a package is built for, by Node's name of its processor; Linux with glibc, always. */
export const platforms = {
  x64: { greengrass: 'amd64', compilers: 'x86_64-linux-gnu', debian: 'x86-64-linux-gnu' },
  arm64: { greengrass: 'aarch64', compilers: 'aarch64-linux-gnu', debian: 'aarch64-linux-gnu' },
} as const;

export type Platform = keyof typeof platforms;

export const platformNames: readonly Platform[] = ['x64', 'arm64'];
