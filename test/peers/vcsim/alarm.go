package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// alarm triggers a red alarm on the host, which shows on all that stand above it, and makes it the latest event: the
// simulator raises alarms by events of its own kind only, and keeps latestEvent unset.
func (f *fleet) alarm(record *hostRecord) error {
	context, now := f.request(), time.Now()
	definition, err := hostAlarm(context)
	if err != nil {
		return err
	}
	entity := record.host.Self
	state := types.AlarmState{
		Key:           definition.Self.Value + "." + entity.Value,
		Entity:        entity,
		Alarm:         definition.Self,
		OverallStatus: types.ManagedEntityStatusRed,
		Time:          now,
		Acknowledged:  types.NewBool(false),
	}
	for next := &entity; next != nil; {
		object := context.Map.Get(*next).(mo.Entity)
		context.AutoUpdate(object, func() {
			me := object.Entity()
			me.TriggeredAlarmState = append(me.TriggeredAlarmState, state)
			next = me.Parent
		})
	}
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

func hostAlarm(context *simulator.Context) (*simulator.Alarm, error) {
	for _, object := range context.Map.AllReference("Alarm") {
		if alarm := object.(*simulator.Alarm); alarm.Info.Name == "Host error" {
			return alarm, nil
		}
	}
	return nil, errors.New(`the simulator has no alarm "Host error"`)
}
