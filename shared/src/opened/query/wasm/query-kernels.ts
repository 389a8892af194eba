/** shared/kernels/query.ts, compiled (base64url). Built by `npm run kernels`; do not edit, a test compares. */
export const QUERY_KERNELS =
  'AGFzbQEAAAABCwJgAn9_AX9gAAF_AhIBA2VudgZtZW1vcnkCAQGAgAQDAwIAAQcbAwhoZWFwQmFzZQABA3BvcAAABm1lbW9yeQIACjYCLgIBfwF-A0AgAiABQQN0SQRAIAMgACACaikDAHt8IQMgAkEIaiECDAELCyADpwsFAEGACAs';
