import type { Filter } from "../detect/filter.ts";
import type { Logger } from "../log/logger.ts";
import { reprString } from "../pyvalue/repr.ts";
import { defaultTemplates } from "../time/default-templates.ts";

/** Patterns that stand for several of the default templates. */
const OF_DEFAULTS = /^(?:\{\^LN-BEG\}|.*\{DATE\}.*)$/i;

/**
 * Says in the log how a jail finds the dates of its lines: a pattern of its own when that is set, the default templates at
 * the first line that is read.
 */
export class DateAnnouncements {
  readonly #log: Logger;
  readonly #filter: Filter;
  #said = false;

  /** @param log logger `fail2ban.datedetector` */
  constructor(log: Logger, filter: Filter) {
    this.#log = log;
    this.#filter = filter;
  }

  /** The filter has been given a date pattern. */
  patternSet(): void {
    const { templates } = this.#filter.dateDetector;
    this.#said = templates.length > 0;
    if (!this.#said) return;
    if ((this.#filter.datePattern ?? "").split("\n").some((line) => OF_DEFAULTS.test(line.trim()))) {
      this.#log.info(`  default filtered date pattern: ${templates.length} template(s)`);
      return;
    }
    for (const { pattern, name } of templates) {
      this.#log.info(`  date pattern \`${reprString(pattern ?? "")}\`: \`${name}\``);
    }
  }

  /** Lines are about to be read. */
  linesCome(): void {
    if (this.#said) return;
    this.#said = true;
    this.#log.info(`  default date pattern: ${defaultTemplates().length} template(s)`);
  }
}
