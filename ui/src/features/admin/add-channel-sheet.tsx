import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Schemas } from '@/shared/client/client';
import { useText } from '@/shared/i18n/use-text';
import { Icon } from '@/shared/kit/icon';
import { Sheet } from '@/shared/kit/sheet';
import { channelTypes, freeKey, type ChannelType } from './channel-form';
import { ChannelSettings } from './channel-settings';
import type { Report } from './channels-page';

interface AddChannelSheetProps {
  apps: readonly Schemas['App'][];
  channels: readonly Report[];
  onMade: (channel: string) => void;
  onClose: () => void;
}

// AddChannelSheet chooses what to add, then for which app, then asks for what it needs.
export function AddChannelSheet({ apps, channels, onMade, onClose }: AddChannelSheetProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const [type, setType] = useState<ChannelType>();
  const [chosen, setChosen] = useState(apps.length === 1 ? apps[0]?.key : undefined);
  if (type === undefined || chosen === undefined) {
    const options = type === undefined ? channelTypes.map((key) => ({ key, title: t(`channels.type.${key}`), note: t(`channels.about.${key}`) })) : apps.map((app) => ({ key: app.key, title: text(app.title), note: app.key }));
    return (
      <Sheet title={type === undefined ? t('channels.add') : t('channels.whichApp')} onClose={onClose}>
        <ul className="sw-channel-choices">
          {options.map(({ key, title, note }) => (
            <li key={key}>
              <button type="button" className="sw-channel-row" onClick={() => (type === undefined ? setType(key as ChannelType) : setChosen(key))}>
                <span className="sw-channel-what">
                  <span>{title}</span>
                  <span className="sw-admin-note">{note}</span>
                </span>
                <Icon name="chevronRight" />
              </button>
            </li>
          ))}
        </ul>
      </Sheet>
    );
  }
  const key = freeKey(type, channels.filter((one) => one.app === chosen).map((one) => one.key));
  return (
    <Sheet title={t(`channels.type.${type}`)} onClose={onClose}>
      <ChannelSettings app={chosen} channel={key} type={type} fresh onSaved={() => onMade(`${chosen}.${key}`)} />
    </Sheet>
  );
}
