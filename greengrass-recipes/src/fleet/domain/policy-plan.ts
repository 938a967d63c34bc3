import type { Call, Plan } from './calls.ts';
import type { PolicyDocument } from './policies.ts';
import { same } from './same.ts';

/** A policy of AWS IoT as it is. */
export interface PolicyState {
  /** What its default version says. */
  readonly document: unknown;
  /** Version ids that are not the default, oldest first. */
  readonly olderVersions: readonly string[];
}

/** AWS keeps this many versions of a policy and refuses another. */
const maxVersions = 5;

/** The policy of that name saying what it should: made, left, or given a new default version. */
export function planPolicy(
  policyName: string,
  document: PolicyDocument,
  state: PolicyState | null,
): Plan {
  const policyDocument = JSON.stringify(document);
  if (state === null) {
    const call: Call = {
      operation: 'iot:CreatePolicy',
      why: `policy ${policyName}`,
      input: { policyName, policyDocument },
    };
    return { calls: [call], kept: [] };
  }
  if (same(state.document, document)) {
    return { calls: [], kept: [`policy ${policyName}`] };
  }
  const calls: Call[] = [];
  const [oldest] = state.olderVersions;
  if (oldest !== undefined && state.olderVersions.length >= maxVersions - 1) {
    calls.push({
      operation: 'iot:DeletePolicyVersion',
      why: `room for another version of policy ${policyName}`,
      input: { policyName, policyVersionId: oldest },
    });
  }
  calls.push({
    operation: 'iot:CreatePolicyVersion',
    why: `policy ${policyName} says something else`,
    input: { policyName, policyDocument, setAsDefault: true },
  });
  return { calls, kept: [] };
}
