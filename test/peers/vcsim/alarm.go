package main

import (
	"fmt"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// trigger puts an alarm on an entity, which shows on all that stand above it: the simulator raises alarms by events of
// its own kind only.
func trigger(context *simulator.Context, entity, alarm types.ManagedObjectReference, status types.ManagedEntityStatus, acknowledged bool) {
	state := types.AlarmState{
		Key:           alarm.Value + "." + entity.Value,
		Entity:        entity,
		Alarm:         alarm,
		OverallStatus: status,
		Time:          time.Now(),
		Acknowledged:  &acknowledged,
	}
	for next := &entity; next != nil; {
		object := context.Map.Get(*next).(mo.Entity)
		context.AutoUpdate(object, func() {
			me := object.Entity()
			me.TriggeredAlarmState = append(me.TriggeredAlarmState, state)
			next = me.Parent
		})
	}
}

// alarm triggers a red alarm on the host, and makes it the latest event, which the simulator keeps unset.
func (f *fleet) alarm(record *hostRecord) error {
	context, now := f.request(), time.Now()
	definition, err := alarmNamed(context, "Host error")
	if err != nil {
		return err
	}
	entity := record.host.Self
	trigger(context, entity, definition.Self, types.ManagedEntityStatusRed, false)
	events := context.Map.EventManager()
	context.AutoUpdate(events, func() {
		named := types.EntityEventArgument{Name: record.host.Name}
		on := types.ManagedEntityEventArgument{EntityEventArgument: named, Entity: entity}
		// Whole: pyVmomi reads no event that lacks what it must have.
		events.LatestEvent = &types.AlarmStatusChangedEvent{
			AlarmEvent: types.AlarmEvent{
				Event: types.Event{
					Key:                  1,
					ChainId:              1,
					CreatedTime:          now,
					FullFormattedMessage: fmt.Sprintf("Alarm '%s' on %s changed from Green to Red", definition.Info.Name, record.host.Name),
				},
				Alarm: types.AlarmEventArgument{
					EntityEventArgument: types.EntityEventArgument{Name: definition.Info.Name},
					Alarm:               definition.Self,
				},
			},
			Source: on,
			Entity: on,
			From:   string(types.ManagedEntityStatusGreen),
			To:     string(types.ManagedEntityStatusRed),
		}
	})
	return nil
}

func alarmNamed(context *simulator.Context, name string) (*simulator.Alarm, error) {
	for _, object := range context.Map.AllReference("Alarm") {
		if alarm := object.(*simulator.Alarm); alarm.Info.Name == name {
			return alarm, nil
		}
	}
	return nil, fmt.Errorf("the simulator has no alarm %q", name)
}
