import { fixedReading } from "./date-fields.ts";
import { END_BOUNDARY, START_BOUNDARY } from "./frame.ts";
import { DateTemplate } from "./template.ts";

/** The template for TAI64N labels: `@` and 24 hexadecimal digits, as multilog writes them. */
export function tai64nTemplate(lineBegin: boolean, weight = 1): DateTemplate {
  return new DateTemplate({
    name: lineBegin ? "{^LN-BEG}TAI64N" : "TAI64N",
    pattern: null,
    regex: `${lineBegin ? "^\\W{0,2}" : START_BOUNDARY}(@[0-9a-f]{24})${END_BOUNDARY}`,
    weight,
    anchored: lineBegin,
    wrapped: true,
    needs: "label",
    // The first digit marks the epoch of the label, the last eight are nanoseconds. Leap seconds are let be.
    read: (match) => fixedReading(Number.parseInt(match.group(1)!.slice(2, 17), 16), true),
  });
}
