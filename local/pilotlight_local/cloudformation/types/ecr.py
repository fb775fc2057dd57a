"""Repositories: `cdk bootstrap` makes one."""

from pilotlight_local.cloudformation.resource import Properties, Resource, changed, tag_list


class Repository(Resource):
    type = "AWS::ECR::Repository"
    readable = ("Arn", "RepositoryUri")
    create_only = ("RepositoryName", "EncryptionConfiguration")

    def create(self, properties: Properties) -> None:
        repository = self.call(
            "ecr",
            "create_repository",
            repositoryName=self.name(properties.get("RepositoryName"), lower=True),
            imageTagMutability=properties.get("ImageTagMutability"),
            tags=tag_list(properties.get("Tags")) or None,
        )["repository"]
        self.physical_resource_id = repository["repositoryName"]
        self.attributes = {"Arn": repository["repositoryArn"], "RepositoryUri": repository["repositoryUri"]}
        self.update({}, properties)

    def update(self, old: Properties, new: Properties) -> None:
        repository = {"repositoryName": self.physical_resource_id}
        if changed(old, new, "LifecyclePolicy"):
            if "LifecyclePolicy" in new:
                text = new["LifecyclePolicy"]["LifecyclePolicyText"]
                self.call("ecr", "put_lifecycle_policy", **repository, lifecyclePolicyText=text)
            else:
                self.call("ecr", "delete_lifecycle_policy", **repository)
        if changed(old, new, "RepositoryPolicyText"):
            if "RepositoryPolicyText" in new:
                policy = new["RepositoryPolicyText"]
                self.call("ecr", "set_repository_policy", **repository, policyText=policy)
            else:
                self.call("ecr", "delete_repository_policy", **repository)
        if changed(old, new, "ImageTagMutability") and old:
            mutability = new.get("ImageTagMutability", "MUTABLE")
            self.call("ecr", "put_image_tag_mutability", **repository, imageTagMutability=mutability)

    def delete(self) -> None:
        self.delete_quietly("ecr", "delete_repository", repositoryName=self.physical_resource_id, force=True)
