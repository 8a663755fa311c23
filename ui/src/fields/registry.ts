import type { Field, FieldType } from '@/shared/definition/form';
import { autoNumber } from './autoNumber/auto-number';
import { checklist } from './checklist/checklist';
import { date } from './date/date';
import { dateTime } from './dateTime/date-time';
import { department } from './department/department';
import { email } from './email/email';
import { file } from './file/file';
import { formula } from './formula/formula';
import type { FieldKind } from './kind';
import { link } from './link/link';
import { longText } from './longText/long-text';
import { money } from './money/money';
import { multiChoice } from './multiChoice/multi-choice';
import { note } from './note/note';
import { number } from './number/number';
import { percent } from './percent/percent';
import { person } from './person/person';
import { phone } from './phone/phone';
import { singleChoice } from './singleChoice/single-choice';
import { subTable } from './subTable/sub-table';
import { text } from './text/text';
import { url } from './url/url';
import { yesNo } from './yesNo/yes-no';

const kinds: Record<FieldType, FieldKind> = {
  text,
  longText,
  number,
  money,
  percent,
  phone,
  email,
  url,
  yesNo,
  singleChoice,
  multiChoice,
  date,
  dateTime,
  person,
  department,
  file,
  link,
  subTable,
  checklist,
  formula,
  autoNumber,
  note,
};

// kindOf is how a field is edited and shown.
export function kindOf(field: Pick<Field, 'type'>): FieldKind {
  return kinds[field.type];
}
