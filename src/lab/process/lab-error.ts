/** Something that a person who runs a lab is to be told: what, and what to do about it. */
export class LabError extends Error {
  readonly remedy: string;

  constructor(message: string, remedy: string, options?: ErrorOptions) {
    super(message, options);
    this.remedy = remedy;
  }
}
