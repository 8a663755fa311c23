import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Chip, toneOf } from '@/shared/kit/chip';
import { useText } from '@/shared/i18n/use-text';
import { textOf, type EditorProps, type FieldKind, type ReadProps } from '../kind';
import { fewChoices, NativeSelect, Pills, useChoices, type Choice } from '../parts/choices';
import { onDesk } from '../parts/on-desk';

const DeskSelect = onDesk(async () => (await import('./single-choice-desk')).SingleChoiceDesk);

function SingleChoiceDeskEditor(props: EditorProps): ReactNode {
  const choices = useChoices(props);
  return fewChoices(choices) ? <ChoicePills props={props} choices={choices} /> : <DeskSelect {...props} />;
}

function SingleChoiceTouch(props: EditorProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const choices = useChoices(props);
  if (fewChoices(choices)) return <ChoicePills props={props} choices={choices} />;
  return <NativeSelect props={props} choices={choices} empty={text(props.field.placeholder) || t('field.choose')} />;
}

function ChoicePills({ props, choices }: { props: EditorProps; choices: readonly Choice[] }): ReactNode {
  const { value, onChange } = props;
  return (
    <Pills
      props={props}
      choices={choices}
      selected={[textOf(value)]}
      multiple={false}
      onToggle={(picked) => onChange(picked === value ? undefined : picked)}
    />
  );
}

function ChoiceRead({ field, value }: ReadProps): ReactNode {
  const text = useText();
  const option = field.options.find((candidate) => candidate.value === value);
  const label = option ? text(option.label) || option.value : textOf(value);
  return option?.color ? <Chip tone={toneOf(option.color)}>{label}</Chip> : <>{label}</>;
}

export const singleChoice: FieldKind = {
  Desk: SingleChoiceDeskEditor,
  Touch: SingleChoiceTouch,
  Read: ChoiceRead,
  Cell: ChoiceRead,
  group: true,
};
