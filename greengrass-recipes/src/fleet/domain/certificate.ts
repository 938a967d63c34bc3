/** A certificate of AWS IoT as it is. */
export interface CertificateState {
  readonly arn: string;
  readonly active: boolean;
  readonly policies: readonly string[];
}
