/**
 * Bounds on a playbook folder, so that one file cannot keep an event loop busy. They are far above what
 * people write: a playbook takes about 1 KiB.
 */

/** Files of a folder. */
export const maxFiles = 20_000;
/** All files of a folder together, in bytes. */
export const maxFolderBytes = 64 * 2 ** 20;
/** One file, in bytes. */
export const maxFileBytes = 256 * 2 ** 10;
/** Documents of a file. */
export const maxDocuments = 1_000;
/** One document, in characters. */
export const maxDocumentLength = 64 * 2 ** 10;
/** Keys and list entries of a document, at all depths. */
export const maxEntries = 5_000;
/** How deep lists and mappings may lie within each other in a parameter of a step. */
export const maxParamDepth = 10;
/** Faults that are told of one document. */
export const maxDocumentFaults = 20;
/** Faults after which the rest of a file is not checked. */
export const maxFileFaults = 100;
/** Faults after which the rest of a folder is not checked. */
export const maxFolderFaults = 1_000;
