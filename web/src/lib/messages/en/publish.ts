/** Review and publish, letters and notices, published bundles and withdrawal. */

/** Amounts come as text, already in the reader's figures. */
const organisations = (n: string) => (n === '1' ? '1 organisation' : `${n} organisations`);
const findingsOf = (n: string) => (n === '1' ? '1 finding' : `${n} findings`);

export const publish = {
  title: 'Review and publish',
  today: (findings: string, orgs: string) => `${findingsOf(findings)} ready for ${organisations(orgs)}`,
  todayNone: 'Nothing is ready to publish',
  todayNoneNext: 'Load more material, or see under “Kept back” what would let the rest go out.',
  todayHeld: (findings: string, orgs: string) =>
    `${findingsOf(findings)} kept back for ${organisations(orgs)}. They stay as drafts on this device.`,
  empty: 'No drafts.',
  emptyNext: 'Load leak material; what concerns your organisations appears here for review.',
  toMaterial: 'Load material',
  tabs: { ready: 'Ready', held: 'Kept back' },
  columns: {
    organisation: 'Organisation',
    findings: 'Findings',
    level: 'By level',
    exposure: 'By class',
    withheld: 'Withheld',
    state: 'State',
    why: 'Why, and what to do',
  },
  /** Why the drafts of one organisation do not go out, and what would let them. */
  held: {
    not_joined: 'Not joined yet. Send the letter with the counts, and invite them.',
    suspended: 'Suspended. Nothing is sealed to it until it is approved again.',
    contextless: (n: string) => `${n} without host or service: give a reason`,
    unproven: (n: string) => `${n} on domains without proof: prove the domain`,
    unconfirmed: (n: string) => `${n} hit by a keyword only: look, then confirm`,
    unwatched: (n: string) => `${n} no longer watched: the terms have changed`,
  },
  split: (ready: string, withheld: string) => `${ready} to publish, ${withheld} withheld`,
  select: (name: string) => `Select ${name}`,
  selectAll: 'Select all ready',
  review: 'Review',
  back: 'All organisations',
  sightingsOnly: (n: string) => `${n} known findings were seen again and go along`,
  sources: 'By source',
  sample: 'Sample rows',
  sampleLead: 'Passwords are never shown here. Everything below is text from the leak: do not trust it.',
  sampleMore: 'Show more rows',
  sampleColumns: { account: 'Account', host: 'Host', source: 'Source', captured: 'Leaked', level: 'Level' },
  withheld: {
    title: 'Withheld',
    none: 'Nothing is withheld.',
    contextless: (n: string) => `${n} pairs without host or service`,
    contextlessWhy: 'A login and a password alone prove little. They go out as a count only, unless you give a reason.',
    include: 'Publish them all the same',
    reason: 'Reason, kept in the record',
    unproven: (n: string) => `${n} on domains without proof`,
    unprovenWhy: 'The organisation sees counts per class until the domain is proven.',
    unconfirmed: (n: string) => `${n} hit by a keyword only`,
    unconfirmedWhy: 'Look at the sample rows first: a keyword can hit somebody else.',
    confirm: 'I have looked: they concern this organisation',
    unwatched: (n: string) => `${n} no longer watched`,
    unwatchedWhy:
      'Earlier terms hit them, those in force do not. They stay here, and come back if you go back to the terms.',
  },
  /** Odd about a source, before it goes out. */
  concerns: {
    title: 'Look at this before you publish',
    oneOrganisation: (source: string, n: string, org: string) =>
      `Every mailbox in “${source}” (${n} records) belongs to ${org}. Lists made up from a staff directory look like this. Have a few passwords checked first.`,
    manyMailboxes: (source: string, n: string, domain: string) =>
      `“${source}” holds ${n} records with mailboxes of ${domain} alone. That many are rarely staff: think of students or customers, and of a made-up list.`,
    recycled: (source: string, share: string, known: string) =>
      `${share} of the rows of “${source}” stood in “${known}” before. It is likely the same leak under a new name.`,
    quarantined: (source: string, share: string) =>
      `${share} of “${source}” could not be read. What was read may not be all of it.`,
    more: (n: string) => `and ${n} more of the kind`,
  },
  policy: {
    title: 'What is released of the passwords',
    hints: {
      none: 'Only whether it fits the policy, is common, or is reused.',
      masked: 'First and last characters, length band and strength. Usual choice.',
      fingerprint: 'As masked, and fingerprints for comparing with later leaks.',
      sealed: 'As fingerprints, and the passwords themselves, sealed apart. Each is opened with a reason and audited.',
    },
    unavailable: 'Needs a proven domain.',
    caveat: 'Caveat',
    sealedCaveat: 'named persons only, each reveal logged',
  },
  tlp: 'TLP label',
  tlpHint: 'Goes on the bundle and on every export. Never translated.',
  action: {
    publish: (n: number) => (n === 1 ? 'Publish to 1 organisation' : `Publish to ${n} organisations`),
    publishOne: (name: string) => `Publish to ${name}`,
    confirmTitle: (n: number) => (n === 1 ? 'Publish one bundle?' : `Publish ${n} bundles?`),
    confirmOne: (name: string, findings: string) => `${findingsOf(findings)} sealed for ${name} and handed over.`,
    confirmMany: (findings: string, n: number) =>
      `${findings} findings are sealed for ${n} organisations, one bundle each.`,
    consequence: 'What an organisation has fetched cannot be called back.',
    confirm: 'Seal and publish',
    cancel: 'Not yet',
    sealing: 'Sealing and publishing',
    progress: (done: string, total: string) => `${done} of ${total}`,
    keepOpen: 'Sealed files wait in the outbox and go out by themselves if the connection is lost.',
  },
  outcome: {
    title: 'Done',
    published: (findings: string, size: string) => `Published: ${findingsOf(findings)}, ${size}`,
    withheld: (n: string) => `${n} withheld`,
    held: {
      not_enrolled: 'Held: not enrolled yet. Send the letter with the counts.',
      suspended: 'Held: suspended.',
      nothing_to_release: 'Held: nothing may be released by the rules chosen.',
      frozen:
        'Held: the record of this organisation contradicts itself. Nothing is sealed to it until that is cleared up.',
    },
    queued: 'Waiting in the outbox. It goes out by itself, exactly once.',
    failed: 'Not published',
    notice: 'Notice',
    letter: 'Letter',
    again: 'Try again',
    close: 'Back to the review',
  },
  letter: {
    notice: 'Notice to an enrolled organisation',
    counts_letter: 'Counts-first letter',
    lead: {
      notice: 'It says only that something waits: no link, no attachment, no count.',
      counts_letter: 'Counts per class, no account and no password. Send it by the official way.',
    },
    to: 'To',
    noContact: 'No contact with an e-mail address is on the list.',
    subject: 'Subject',
    language: 'Language',
    replyBy: 'Answer asked for by',
    copy: 'Copy',
    copied: 'Copied',
    eml: 'Save as .eml',
    emlHint: 'Opens in your own mail program as a draft.',
    print: 'Print',
    open: 'Letter',
    failed: 'The text could not be made',
  },
  bundles: {
    title: 'Published bundles',
    today: (n: number) => (n === 1 ? '1 bundle has not been fetched' : `${n} bundles have not been fetched`),
    allFetched: 'Every bundle was fetched',
    empty: 'Nothing was published yet.',
    emptyNext: 'Bundles appear here once you have published, with who has fetched them.',
    noneHere: 'No bundle is in this state.',
    filter: { all: 'All', waiting: 'Not fetched', fetched: 'Fetched', queued: 'In the outbox', withdrawn: 'Withdrawn' },
    columns: {
      organisation: 'Organisation',
      published: 'Published',
      findings: 'Findings',
      policy: 'Policy',
      tlp: 'TLP',
      size: 'Size',
      state: 'State',
      contact: 'Contact',
    },
    fetched: (when: string) => `Fetched ${when}`,
    notFetched: (age: string) => `Not fetched for ${age}`,
    queued: 'In the outbox',
    withdrawnAt: (when: string) => `Withdrawn ${when}`,
    call: 'Who to call',
    withdraw: 'Withdraw',
    prove: 'Proof',
    proved:
      'Saved: your signed list, and the numbers by source that it committed to. `sealpost check-counts` checks the file.',
    notProvable: 'There is no proof for this bundle: an older version made it.',
    withdrawTitle: (name: string) => `Withdraw the bundle for ${name}?`,
    withdrawNotFetched: 'It has not been fetched. It leaves the server and cannot be fetched any more.',
    withdrawFetched:
      'It was fetched already. The app hides its findings and asks to confirm their deletion; copies and exports cannot be called back. Telephone as well.',
    reason: 'Reason',
    withdrawConfirm: 'Withdraw',
    withdrawing: 'Withdrawing',
    withdrawnDone: 'Withdrawn before it was fetched.',
    withdrawnLate:
      'Withdrawn. It had been fetched: telephone the organisation and ask for the deletion to be confirmed.',
    cancel: 'Cancel',
  },
};

export type PublishMessages = typeof publish;
