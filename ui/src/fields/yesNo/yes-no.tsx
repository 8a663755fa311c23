import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { EditorProps, FieldKind, ReadProps } from '../kind';
import { Pills } from '../parts/choices';

function YesNoEditor(props: EditorProps): ReactNode {
  const { t } = useTranslation();
  const { value, onChange } = props;
  const choices = [
    { value: 'true', label: t('field.yes') },
    { value: 'false', label: t('field.no') },
  ];
  return (
    <Pills
      props={props}
      choices={choices}
      selected={typeof value === 'boolean' ? [String(value)] : []}
      multiple={false}
      onToggle={(picked) => onChange(String(value) === picked ? undefined : picked === 'true')}
    />
  );
}

function YesNoRead({ value }: ReadProps): ReactNode {
  const { t } = useTranslation();
  return <>{value === true ? t('field.yes') : t('field.no')}</>;
}

export const yesNo: FieldKind = { Desk: YesNoEditor, Touch: YesNoEditor, Read: YesNoRead, Cell: YesNoRead, group: true };
