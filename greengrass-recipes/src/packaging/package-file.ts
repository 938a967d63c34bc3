/** One file of a package, by its path in the zip. */
export interface PackageFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}
