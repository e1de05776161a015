package main

import (
	"context"
	"net/url"

	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vapi/rest"
	_ "github.com/vmware/govmomi/vapi/simulator" // the REST API, in its form of 6.5
	"github.com/vmware/govmomi/vapi/tags"
	"github.com/vmware/govmomi/vim25/types"
)

// fillTags gives the first machine and the first host tags, and the machine a custom attribute, by govmomi's own client:
// the tag that nobody has, and the second category, are there too.
func fillTags(model *simulator.Model, server *url.URL) error {
	ctx := context.Background()
	machine := inOrder[*simulator.VirtualMachine](model.Service.Context, "VirtualMachine")[0].Self
	host := hostsInOrder(model.Service.Context)[0].Self
	client, err := govmomi.NewClient(ctx, server, true)
	if err != nil {
		return err
	}
	defer client.Logout(ctx)
	api := rest.NewClient(client.Client)
	if err := api.Login(ctx, server.User); err != nil {
		return err
	}
	defer api.Logout(ctx)
	manager := tags.NewManager(api)
	attached := map[string]map[string][]types.ManagedObjectReference{
		"Tier":  {"gold": {machine, host}, "nobody": nil},
		"Owner": {"Ann \"A\" O'Hara, ops/1": {machine}},
	}
	for category, names := range attached {
		id, err := manager.CreateCategory(ctx, &tags.Category{Name: category, Cardinality: "MULTIPLE"})
		if err != nil {
			return err
		}
		for name, objects := range names {
			tag, err := manager.CreateTag(ctx, &tags.Tag{Name: name, CategoryID: id})
			if err != nil {
				return err
			}
			for _, one := range objects {
				if err := manager.AttachTag(ctx, tag, one); err != nil {
					return err
				}
			}
		}
	}
	fields, err := object.GetCustomFieldsManager(client.Client)
	if err != nil {
		return err
	}
	field, err := fields.Add(ctx, "CostCentre", "VirtualMachine", nil, nil)
	if err != nil {
		return err
	}
	return fields.Set(ctx, machine, field.Key, "4711")
}
